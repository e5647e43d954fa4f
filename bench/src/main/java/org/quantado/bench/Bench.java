package org.quantado.bench;

/** Works that share what has to be prepared for them, such as a weight. */
public interface Bench {
    /**
     * Prepares, and has each work measured.
     *
     * @throws WrongResultException if a result is wrong
     */
    void run(Meter meter);
}
