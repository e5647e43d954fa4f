package org.quantado.kernels.engine;

/** Says in a line what is wrong with a file of {@code conf/}: which file, which key, what was found and what expected. */
public final class ConfException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /**
     * @param file path below {@code conf/}
     * @param key of the value
     */
    public ConfException(String file, String key, String found, String expected) {
        super("conf/" + file + ": " + key + ": found " + found + ", expected " + expected);
    }

    /** Of a file that cannot be understood at all. */
    ConfException(String file, Exception cause) {
        super("conf/" + file + ": " + cause.getMessage(), cause);
    }
}
