package org.quantado.bench;

/** What was to be measured gives a wrong result. */
public final class WrongResultException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    WrongResultException(Subject subject, double error, double tolerance) {
        super(subject.op() + " " + subject.format() + " " + subject.sizes() + ", " + subject.rows()
                + " rows: wrong by " + error + ", expected at most " + tolerance);
    }
}
