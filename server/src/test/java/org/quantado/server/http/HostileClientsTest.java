package org.quantado.server.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import org.quantado.server.batch.BatchSettings;

class HostileClientsTest {
    private static final String LONG = "{\"model\": \"tales-2m\", \"prompt\": \"Once upon a time\", \"max_tokens\": 480, "
            + "\"logit_bias\": {\"0\": -100, \"3\": -100}";
    private static final long PATIENCE = Duration.ofSeconds(30).toNanos();

    /** Sends bytes, and gives all that comes back until the server closes the connection. */
    private static String exchange(byte[] request) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), Served.shared().port())) {
            socket.setSoTimeout((int) Duration.ofSeconds(20).toMillis());
            try {
                socket.getOutputStream().write(request);
                socket.getOutputStream().flush();
            } catch (IOException e) {
                // the server has closed it already: what it said counts
            }
            return new String(socket.getInputStream().readAllBytes(), ISO_8859_1);
        }
    }

    private static String post(String body) {
        return "POST /v1/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: "
                + body.getBytes(UTF_8).length + "\r\n\r\n" + body;
    }

    private static void awaitIdle() throws InterruptedException {
        long end = System.nanoTime() + PATIENCE;
        while (Served.shared().scheduler().statistics().busySlots() > 0) {
            assertThat(System.nanoTime()).as("slots are free again").isLessThan(end);
            Thread.sleep(20);
        }
    }

    @Test
    void brokenBodies() throws Exception {
        for (String body : new String[]{"", "{", "[]", "null", "{\"a\":1}{", "{\"a\":1,\"a\":2}", "[".repeat(5000),
                "1e999999",
                "{\"prompt\": 00}", "\ufeff{}"}) {
            Served.error(Served.post("/v1/completions", body), 400);
        }
        byte[] request = post("{\"model\": \"tales-2m\", \"prompt\": \"xx\"}").replace("xx", "\u00c3(")
                .getBytes(ISO_8859_1);
        assertThat(exchange(closing(request))).startsWith("HTTP/1.1 400").contains("UTF-8");
    }

    private static byte[] closing(byte[] request) {
        return new String(request, ISO_8859_1).replace("Host:", "Connection: close\r\nHost:").getBytes(ISO_8859_1);
    }

    @Test
    void largeBodiesAndEndlessHeaders() throws Exception {
        Served.error(Served.post("/v1/completions", "{\"prompt\": \"" + "x".repeat(1 << 17) + "\"}"), 413);
        assertThat(exchange(("GET /health HTTP/1.1\r\nHost: localhost\r\nX: " + "y".repeat(1 << 20)).getBytes(UTF_8)))
                .startsWith("HTTP/1.1 4");
        assertThat(exchange(("GET /" + "y".repeat(1 << 16) + " HTTP/1.1\r\n\r\n").getBytes(UTF_8)))
                .startsWith("HTTP/1.1 4");
        assertThat(exchange("NONSENSE\r\n\r\n".getBytes(UTF_8))).startsWith("HTTP/1.1 4");
        assertThat(exchange("POST/v1/completions /x HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes(UTF_8)))
                .as("a method that is none").startsWith("HTTP/1.1 400").contains("bad_request");
        assertThat(exchange("GET /health HTTP/1.1\r\nHost: localhost\r\n\r\nP/ST /x HTTP/1.1\r\n\r\n".getBytes(UTF_8)))
                .as("one after a request that was answered").startsWith("HTTP/1.1 200").contains("HTTP/1.1 400");
    }

    @Test
    void thoseWhoDoNotAskAreSentAway() throws Exception {
        long start = System.nanoTime();
        assertThat(exchange("POST /v1/completions HTTP/1.1\r\nHost: loc".getBytes(UTF_8))).isEmpty();
        assertThat(exchange(post(LONG + "}").replace("upon a time", "up").getBytes(UTF_8)))
                .as("a body that is shorter than announced").doesNotContain("200 OK");
        assertThat(exchange(new byte[0])).isEmpty();
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThan(Served.PATIENCE);
    }

    @Test
    void slotsOfThoseWhoGoAwayAreFree() throws Exception {
        for (String end : new String[]{"}", ", \"stream\": true}"}) {
            try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), Served.shared().port())) {
                socket.getOutputStream().write(post(LONG + end).getBytes(UTF_8));
                long limit = System.nanoTime() + PATIENCE;
                while (Served.shared().scheduler().statistics().busySlots() == 0) {
                    assertThat(System.nanoTime()).isLessThan(limit);
                    Thread.sleep(1);
                }
            }
            long before = Served.shared().scheduler().statistics().answerTokens();
            awaitIdle();
            assertThat(Served.shared().scheduler().statistics().answerTokens() - before).as("not to the end")
                    .isLessThan(400);
        }
    }

    @Test
    void otherSitesMayNotAsk() throws Exception {
        String get = "GET /v1/models HTTP/1.1\r\nConnection: close\r\nHost: ";
        assertThat(exchange((get + "evil.example\r\n\r\n").getBytes(UTF_8))).startsWith("HTTP/1.1 400");
        assertThat(exchange((get + "localhost:80\r\n\r\n").getBytes(UTF_8))).startsWith("HTTP/1.1 200");
        assertThat(exchange(closing(post("{}").replace("application/json", "text/plain").getBytes(UTF_8))))
                .startsWith("HTTP/1.1 400").contains("Content-Type");
    }

    @Test
    void nothingAndOtherMethods() throws Exception {
        Served.error(Served.get("/nothing"), 404);
        Served.error(Served.get("/v1/chat/completions"), 405);
        Served.error(Served.get("/../etc/passwd"), 404);
        exchange("DELETE /metrics HTTP/1.1\r\nConnection: close\r\nHost: localhost\r\n\r\n".getBytes(UTF_8));
        assertThat(Served.get("/metrics").body()).as("counted once")
                .contains("quantado_requests_total{path=\"/metrics\",status=\"405\"} 1.0");
    }

    @Test
    void keysQueueAndEnd(@TempDir Path folder) throws Exception {
        Path file = Files.writeString(folder.resolve("keys"), "# mine\nsecret\n");
        try (ModelServer server = Served.start(ApiKeys.read(file), new BatchSettings(1, 0, Duration.ofSeconds(60)))) {
            assertThat(Served.error(Served.post(server, "/v1/completions", LONG + "}"), 401).path("code").textValue())
                    .isEqualTo("invalid_api_key");
        }
        try (ModelServer server = Served.start(ApiKeys.NONE, new BatchSettings(1, 0, Duration.ofSeconds(60)))) {
            CountDownLatch done = new CountDownLatch(1);
            Thread.ofVirtual().start(() -> {
                try {
                    assertThat(Served.post(server, "/v1/completions", LONG + "}").statusCode()).isEqualTo(200);
                    done.countDown();
                } catch (IOException | InterruptedException e) {
                    throw new AssertionError(e);
                }
            });
            long limit = System.nanoTime() + PATIENCE;
            while (server.scheduler().statistics().busySlots() == 0) {
                assertThat(System.nanoTime()).isLessThan(limit);
                Thread.sleep(1);
            }
            var full = Served.post(server, "/v1/completions", LONG + "}");
            Served.error(full, 429);
            assertThat(Integer.parseInt(full.headers().firstValue("Retry-After").orElseThrow())).isPositive();
            server.scheduler().drain();
            Served.error(Served.post(server, "/v1/completions", LONG + "}"), 503);
            assertThat(server.drain(Duration.ofSeconds(60))).isTrue();
            assertThat(done.await(10, TimeUnit.SECONDS)).as("what ran was finished").isTrue();
        }
    }

    @Test
    void timeIsLimited() throws Exception {
        try (ModelServer server = Served.start(ApiKeys.NONE, new BatchSettings(1, 1, Duration.ofMillis(300)))) {
            Served.error(Served.post(server, "/v1/completions", LONG + "}"), 408);
        }
    }
}
