package org.quantado.models.decoder;

/** Says in one line why a model cannot run what it was given. */
public final class InputException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public InputException(String message) {
        super(message);
    }
}
