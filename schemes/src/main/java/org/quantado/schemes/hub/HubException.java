package org.quantado.schemes.hub;

/** Says in one line why a model cannot be named or downloaded. Tokens are never in it. */
public final class HubException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final Reason reason;

    /** What kind of thing is wrong. */
    public enum Reason {
        /** An id, a pattern or a variable of the environment that cannot be meant. */
        USAGE,
        /** The hub has no such model, revision or file, or does not give it to this user. */
        NOT_GIVEN,
        /** The network, a server or the disk stands in the way; the same again may succeed later. */
        HINDERED,
        /** A server said what no hub says. */
        NOT_TRUSTED,
        /** A file is not what its checksum says. */
        DAMAGED
    }

    public HubException(Reason reason, String message) {
        super(message);
        this.reason = reason;
    }

    public HubException(Reason reason, String message, Throwable cause) {
        super(message, cause);
        this.reason = reason;
    }

    public Reason reason() {
        return reason;
    }
}
