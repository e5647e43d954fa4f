package org.quantado.server.http;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Supplier;

/**
 * What a client sends, block by block. While an answer is made, the next block is waited for by another thread, so that the end
 * of the connection is noticed; it is kept for the request that it belongs to.
 */
final class ReadAhead implements Supplier<byte[]> {
    private final Supplier<byte[]> socket;
    private CompletableFuture<byte[]> ahead;
    private boolean closed;

    /** @param socket gives null at the end of the connection */
    ReadAhead(Supplier<byte[]> socket) {
        this.socket = socket;
    }

    /** The next block, null at the end; called by the connection's thread, as the other methods are. */
    @Override
    @SuppressWarnings("ReturnsNullCollection") // as the HTTP library wants it
    public byte[] get() {
        if (closed) {
            return null;
        }
        if (ahead == null) {
            return socket.get();
        }
        CompletableFuture<byte[]> next = ahead;
        ahead = null;
        try {
            return next.join();
        } catch (CompletionException e) {
            throw e.getCause() instanceof RuntimeException cause ? cause : e;
        }
    }

    /** Reads no more, as if the connection had ended. */
    void close() {
        closed = true;
    }

    /** Begins to wait for the next block, if nobody does. */
    void begin() {
        if (ahead == null) {
            ahead = new CompletableFuture<>();
            CompletableFuture<byte[]> next = ahead;
            Thread.ofVirtual().name("read ahead").start(() -> {
                try {
                    next.complete(socket.get());
                } catch (RuntimeException e) {
                    next.completeExceptionally(e);
                }
            });
        }
    }

    /** Whether the connection was found to have ended. */
    boolean hasEnded() {
        if (ahead == null || !ahead.isDone()) {
            return false;
        }
        return ahead.isCompletedExceptionally() || ahead.join() == null;
    }
}
