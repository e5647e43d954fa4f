package org.quantado.server.http;

import java.nio.charset.StandardCharsets;

import org.quantado.server.api.ApiException;

import io.helidon.http.DirectHandler;
import io.helidon.http.DirectHandler.EventType;
import io.helidon.http.HeaderNames;
import io.helidon.http.ServerResponseHeaders;
import io.helidon.http.Status;
import io.helidon.webserver.http.DirectHandlers;

/** Says what the HTTP library refuses in the form of OpenAI's API. */
final class TransportErrors implements DirectHandler {
    private final long mostBytes;
    private final Connections connections;

    private TransportErrors(long mostBytes, Connections connections) {
        this.mostBytes = mostBytes;
        this.connections = connections;
    }

    /** @param mostBytes of a body */
    static DirectHandlers handlers(long mostBytes, Connections connections) {
        DirectHandlers.Builder handlers = DirectHandlers.builder();
        for (EventType type : EventType.values()) {
            handlers.addHandler(type, new TransportErrors(mostBytes, connections));
        }
        return handlers.build();
    }

    @Override
    public TransportResponse handle(TransportRequest request, EventType type, Status status,
            ServerResponseHeaders headers, String message) {
        ApiException error = switch (status.code()) {
            case 404 -> ApiException.notFound();
            case 405 -> ApiException.methodNotAllowed();
            case 413 -> ApiException.tooLarge(mostBytes);
            default -> isOurs(status) ? ApiException.internal() : ApiException.badHttp("not HTTP as it should be");
        };
        return TransportResponse.builder().status(Status.create(status.code() < 500 ? status.code() : error.status()))
                .headers(headers).header(HeaderNames.CONTENT_TYPE, "application/json")
                .keepAlive(type.keepAlive() && status.code() == 404)
                .entity(error.json().toString().getBytes(StandardCharsets.UTF_8)).build();
    }

    /** The library's parser fails on some of what is no HTTP, such as a method with a slash in it, as if it were at fault. */
    private boolean isOurs(Status status) {
        return status.code() >= 500 && connections.current().isAnswering();
    }
}
