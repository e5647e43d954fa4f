package org.quantado.host;

import uk.ac.manchester.tornado.api.exceptions.TornadoRuntimeException;

/** A TaskGraph that cannot be run as it was written, or whose kernel failed; the message says which and where. */
public final class HostEngineException extends TornadoRuntimeException {
    private static final long serialVersionUID = 1L;

    /** An error without another exception behind it. */
    public HostEngineException(String message) {
        super(message);
    }

    /** An error with the exception that led to it. */
    public HostEngineException(String message, Throwable cause) {
        super(message);
        initCause(cause);
    }

    /** The error of a call that the API has and the host engine has not. */
    public static HostEngineException notSupported(String call) {
        return new HostEngineException(call + " is not supported by the host engine");
    }
}
