package org.quantado.server.http;

import java.time.Duration;

import org.quantado.server.batch.BatchSettings;

/**
 * Where the server listens, and what it takes.
 *
 * @param host name or address of the network interface
 * @param port 0 for any that is free
 * @param keys with which clients are let in
 * @param batch requests at a time, waiting ones, their time
 * @param mostBytes of a body
 * @param patience with a client that has to send a request, or to read an answer
 */
public record ServerSettings(String host, int port, ApiKeys keys, BatchSettings batch, int mostBytes,
        Duration patience) {
    /** Clients of this machine only. */
    public static final String LOOPBACK = "127.0.0.1";
    /** Bytes of a body: more than the longest prompt has. */
    public static final int USUAL_BYTES = 1 << 20;
    /** Seconds that a client may take over sending a request, or reading a part of an answer. */
    public static final Duration USUAL_PATIENCE = Duration.ofSeconds(30);

    /** Whether other machines can reach it. */
    public boolean isPublic() {
        return !Hosts.isLoopback(host);
    }
}
