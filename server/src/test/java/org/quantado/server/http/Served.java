package org.quantado.server.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;

import org.quantado.server.Tales;
import org.quantado.server.batch.BatchSettings;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

/** A server of the demo's model that all tests of this JVM share, and one who asks it. */
final class Served {
    static final int SLOTS = 4;
    static final Duration PATIENCE = Duration.ofSeconds(2);

    private static final Duration TIME_LIMIT = Duration.ofSeconds(60);
    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final HttpClient CLIENT = HttpClient.newHttpClient();
    private static ModelServer shared;

    private Served() {
    }

    static synchronized ModelServer shared() {
        if (shared == null) {
            shared = start(ApiKeys.NONE, new BatchSettings(SLOTS, 16, TIME_LIMIT));
        }
        return shared;
    }

    static ModelServer start(ApiKeys keys, BatchSettings batch) {
        return ModelServer.start(Tales.open(batch.slots()),
                new ServerSettings(ServerSettings.LOOPBACK, 0, keys, batch, 1 << 16, PATIENCE));
    }

    static URI uri(ModelServer server, String path) {
        return URI.create("http://127.0.0.1:" + server.port() + path);
    }

    static HttpResponse<String> post(String path, String body) throws IOException, InterruptedException {
        return post(shared(), path, body);
    }

    static HttpResponse<String> post(ModelServer server, String path, String body)
            throws IOException, InterruptedException {
        return CLIENT.send(HttpRequest.newBuilder(uri(server, path)).header("Content-Type", "application/json")
                .timeout(TIME_LIMIT).POST(BodyPublishers.ofString(body)).build(), BodyHandlers.ofString());
    }

    static HttpResponse<String> get(String path, String... headers) throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(uri(shared(), path)).timeout(TIME_LIMIT);
        return CLIENT.send((headers.length == 0 ? request : request.headers(headers)).build(), BodyHandlers.ofString());
    }

    /** The answer to a request that is a good one. */
    static JsonNode answer(String path, String body) throws IOException, InterruptedException {
        HttpResponse<String> response = post(path, body);
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        return MAPPER.readTree(response.body());
    }

    /** What a refusal says. */
    static JsonNode error(HttpResponse<String> response, int status) throws IOException {
        assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
        assertThat(response.headers().firstValue("Content-Type")).contains("application/json");
        JsonNode error = MAPPER.readTree(response.body()).path("error");
        assertThat(error.path("message").isTextual()).isTrue();
        assertThat(error.path("type").isTextual()).isTrue();
        return error;
    }

    /** What a stream's events say, the last one apart. */
    static List<JsonNode> events(String path, String body) throws IOException, InterruptedException {
        HttpResponse<String> response = post(path, body);
        assertThat(response.headers().firstValue("Content-Type").orElseThrow()).startsWith("text/event-stream");
        List<String> data = response.body().lines().filter(line -> !line.isEmpty())
                .map(line -> line.substring("data: ".length())).toList();
        assertThat(data.getLast()).isEqualTo("[DONE]");
        return data.subList(0, data.size() - 1).stream().map(Served::json).toList();
    }

    static JsonNode json(String text) {
        try {
            return MAPPER.readTree(text);
        } catch (IOException e) {
            throw new AssertionError(text, e);
        }
    }
}
