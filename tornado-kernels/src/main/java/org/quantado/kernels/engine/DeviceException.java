package org.quantado.kernels.engine;

/** Says in a sentence why there is no device for the work: none at all, not the one asked for, or one that is too small. */
public final class DeviceException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public DeviceException(String message) {
        super(message);
    }
}
