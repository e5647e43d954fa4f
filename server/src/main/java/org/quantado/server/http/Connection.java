package org.quantado.server.http;

import java.io.UncheckedIOException;
import java.time.Duration;

import io.helidon.common.socket.HelidonSocket;
import io.helidon.webserver.CloseConnectionException;

/** A connection to a client, which may not take for ever over what it has to do. Its socket is closed if it does. */
final class Connection {
    private static final long NO_DEADLINE = Long.MAX_VALUE;

    private final HelidonSocket socket;
    private final ReadAhead input;
    private volatile long deadline = NO_DEADLINE;
    private boolean answering;

    Connection(HelidonSocket socket) {
        this.socket = socket;
        this.input = new ReadAhead(socket);
    }

    /** What the client sends. */
    ReadAhead input() {
        return input;
    }

    /** The client has to do something in this time: to ask, to send a body, to read. */
    void expect(Duration time) {
        deadline = System.nanoTime() + time.toNanos();
    }

    /** It is the server's turn. */
    void expectNothing() {
        deadline = NO_DEADLINE;
    }

    /** A request has been read; called by the connection's thread, as the next two are. */
    void beginAnswer() {
        answering = true;
    }

    /** It has got its answer, or its refusal. */
    void endAnswer() {
        answering = false;
    }

    /** Whether what fails now does so after a request has been read, and not for what the client sends as one. */
    boolean isAnswering() {
        return answering;
    }

    /** From now on until the next request is read, {@link #requireOpen} notices that the client goes away. */
    void watch() {
        input.begin();
    }

    /** @throws CloseConnectionException if the client has gone away */
    void requireOpen() {
        if (input.hasEnded()) {
            throw new CloseConnectionException("the client has gone away");
        }
    }

    /** Closes the socket if its time is over; whoever waits for it gets an error. */
    void closeIfLate() {
        long end = deadline;
        if (end != NO_DEADLINE && System.nanoTime() - end > 0) {
            deadline = NO_DEADLINE;
            try {
                socket.close();
            } catch (UncheckedIOException e) {
                // it was closed already
            }
        }
    }
}
