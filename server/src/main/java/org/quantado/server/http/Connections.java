package org.quantado.server.http;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

import io.helidon.common.buffers.BufferData;
import io.helidon.common.buffers.DataReader;
import io.helidon.common.concurrency.limits.Limit;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.spi.ServerConnection;
import io.helidon.webserver.spi.ServerConnectionSelector;

/**
 * All connections. Each has a thread of its own, so that the one of a request is known to its handlers; another thread closes
 * those whose clients are too slow.
 */
final class Connections implements ServerConnectionSelector, AutoCloseable {
    private static final Duration ROUND = Duration.ofMillis(250);

    private final ServerConnectionSelector http;
    private final Duration patience;
    private final Set<Connection> open = ConcurrentHashMap.newKeySet();
    @SuppressWarnings("ThreadLocalUsage") // it belongs to this server, of which there may be several
    private final ThreadLocal<Connection> current = new ThreadLocal<>();
    private final Thread watch;

    /**
     * @param http what makes connections
     * @param patience with which the next request with all its headers is waited for
     */
    Connections(ServerConnectionSelector http, Duration patience) {
        this.http = http;
        this.patience = patience;
        this.watch = Thread.ofVirtual().name("slow clients").unstarted(this::watch);
        watch.start();
    }

    /** The one that this thread serves. */
    Connection current() {
        return current.get();
    }

    private void watch() {
        try {
            while (true) {
                Thread.sleep(ROUND);
                open.forEach(Connection::closeIfLate);
            }
        } catch (InterruptedException e) {
            // that is how it ends
        }
    }

    @Override
    public int bytesToIdentifyConnection() {
        return http.bytesToIdentifyConnection();
    }

    @Override
    public Support supports(BufferData data) {
        return http.supports(data);
    }

    @Override
    public Set<String> supportedApplicationProtocols() {
        return http.supportedApplicationProtocols();
    }

    @Override
    public ServerConnection connection(ConnectionContext context) {
        Connection connection = new Connection(context.serverSocket());
        ServerConnection served = http.connection(
                new WatchedContext(context, DataReader.create(connection.input())));
        return new ServerConnection() {
            @Override
            public void handle(Limit limit) throws InterruptedException {
                open.add(connection);
                current.set(connection);
                connection.expect(patience);
                try {
                    served.handle(limit);
                } finally {
                    open.remove(connection);
                    current.remove();
                }
            }

            @Override
            public Duration idleTime() {
                return served.idleTime();
            }

            @Override
            public void close(boolean interrupt) {
                served.close(interrupt);
            }
        };
    }

    @Override
    public void close() {
        watch.interrupt();
    }
}
