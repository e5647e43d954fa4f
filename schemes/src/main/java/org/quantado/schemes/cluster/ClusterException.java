package org.quantado.schemes.cluster;

/** Says in one sentence why a machine, or a whole cluster, cannot do its part. */
public final class ClusterException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** @param message which machine, what was found and what was expected */
    public ClusterException(String message) {
        super(message);
    }

    /** As the other constructor, with the exception that gave this one away. */
    public ClusterException(String message, Throwable cause) {
        super(message, cause);
    }
}
