package org.quantado.schemes.linear;

/** Says in one sentence why a layer cannot be made as its config and the parallelism ask, and what to do about it. */
public final class SchemeException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public SchemeException(String message) {
        super(message);
    }
}
