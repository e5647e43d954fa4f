package org.quantado.server.http;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

import org.quantado.server.api.ApiException;
import org.quantado.server.api.JsonBody;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

import io.helidon.http.HeaderNames;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;

/** Bodies of requests and responses. */
final class Bodies {
    /** Bodies of so many times what is taken are read before they are refused; larger ones end the connection. */
    static final int READ_TO_BE_REFUSED = 8;

    private static final String JSON = "application/json";

    private final Connections connections;
    private final int most;
    private final Duration patience;

    /** @param most bytes of a request's body */
    Bodies(Connections connections, int most, Duration patience) {
        this.connections = connections;
        this.most = most;
        this.patience = patience;
    }

    /**
     * The JSON object in a request. It must say that it is JSON, which a page of another site cannot have a browser do.
     *
     * @throws ApiException if there is none, or it is too large
     */
    ObjectNode object(ServerRequest request) {
        String type = request.headers().value(HeaderNames.CONTENT_TYPE).orElse("");
        if (!type.split(";", 2)[0].strip().equalsIgnoreCase(JSON)) {
            throw ApiException.badHttp("Content-Type: found "
                    + (type.isEmpty() ? "none" : "another") + ", expected " + JSON);
        }
        if (request.headers().contains(HeaderNames.CONTENT_ENCODING)) {
            throw ApiException.badHttp("Content-Encoding: expected none");
        }
        connections.current().expect(patience);
        try (InputStream in = request.content().inputStream()) {
            byte[] body = in.readNBytes(most + 1);
            if (body.length > most) {
                // Whoever is still sending does not read, and loses the answer when the connection ends.
                in.transferTo(OutputStream.nullOutputStream());
                throw ApiException.tooLarge(most);
            }
            return JsonBody.read(body);
        } catch (IOException | UncheckedIOException e) {
            throw new CloseConnectionException("the body does not come", e);
        }
    }

    /** Sends JSON. */
    void send(ServerResponse response, JsonNode json) {
        response.header("Content-Type", JSON).header("Cache-Control", "no-store")
                .send(json.toString().getBytes(StandardCharsets.UTF_8));
    }
}
