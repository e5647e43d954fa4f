package org.quantado.schemes.quantize;

/** Says in one sentence why a quantization cannot be done as asked. */
public final class QuantizeException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** @param message what was asked or found, and what would do */
    public QuantizeException(String message) {
        super(message);
    }
}
