package org.quantado.models.generate;

/** Says in one line why a model cannot go on with a text: what was found, and what was expected. */
public final class GenerationException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /**
     * @param what is wrong, such as {@code prompt}
     * @param found what is there
     * @param expected what should be there
     */
    public GenerationException(String what, String found, String expected) {
        super(what + ": found " + found + ", expected " + expected);
    }
}
