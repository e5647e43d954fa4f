package org.quantado.bench;

/** What was to be measured gives a wrong result. */
public final class WrongResultException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** @param message what is wrong, and by how much */
    public WrongResultException(String message) {
        super(message);
    }

    WrongResultException(Subject subject, double error, double tolerance) {
        super(subject.op() + " " + subject.format() + " " + subject.sizes() + ", " + subject.rows()
                + " rows: wrong by " + error + ", expected at most " + tolerance);
    }
}
