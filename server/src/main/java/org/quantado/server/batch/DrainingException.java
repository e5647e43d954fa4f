package org.quantado.server.batch;

/** No more requests are taken: those that are there are finished. */
public final class DrainingException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    DrainingException() {
        super("no more requests are taken: the server is about to end");
    }
}
