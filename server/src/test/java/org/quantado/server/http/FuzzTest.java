package org.quantado.server.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicIntegerArray;

import org.junit.jupiter.api.Test;

/**
 * Requests that are good ones but for what chance changed get an answer or a refusal, never a failure and never silence.
 * {@code -Dquantado.fuzz.requests=100000} makes it long.
 */
class FuzzTest {
    private static final int REQUESTS = Integer.getInteger("quantado.fuzz.requests", 2000);
    private static final int CLIENTS = 4;
    private static final int HTTP_STATUSES = 600;
    private static final int PATIENCE_MILLIS = 60_000;
    private static final List<String> GOOD = List.of(
            "{\"model\":\"tales-2m\",\"prompt\":\"Once upon\",\"max_tokens\":1,\"temperature\":0.5,\"seed\":3}",
            "{\"model\":\"tales-2m\",\"prompt\":[\"a\",\"b\"],\"max_tokens\":1,\"stop\":[\"x\"],\"logprobs\":1}",
            "{\"model\":\"tales-2m\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}],\"max_tokens\":1,\"n\":1,\"stream\":true}",
            "{\"model\":\"tales-2m\",\"messages\":[{\"role\":\"system\",\"content\":[{\"type\":\"text\",\"text\":\"x\"}]},{\"role\":\"user\",\"content\":\"{{ 7 }}\"}],\"max_tokens\":1,\"logit_bias\":{\"5\":1},\"logprobs\":true,\"top_logprobs\":2}",
            "{\"model\":\"tales-2m\",\"messages\":[{\"role\":\"user\",\"content\":\"\\u00e9\\ud83d\\ude00\"}],\"max_tokens\":1,\"response_format\":{\"type\":\"json_object\"}}",
            "{\"prompt\":\"text\",\"add_special_tokens\":false}");
    private static final List<String> PATHS = List.of("/v1/completions", "/v1/completions", "/v1/chat/completions",
            "/v1/chat/completions", "/v1/chat/completions", "/tokenize");
    private static final List<String> PIECES = List.of("null", "-1", "1e400", "\"\"", "{}", "[]", "true", "\\u0000",
            "\\ud800", "\u0000", "{{", "%}", "\"", "\\", ",", ":", "99999999999999999999", "NaN", "\u20ac", "<|end|>",
            "\"stream\":true,", "\"n\":4,", "\"tools\":[{}],");

    @Test
    void answersOrRefusals() throws Exception {
        AtomicIntegerArray statuses = new AtomicIntegerArray(HTTP_STATUSES);
        try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> all = new ArrayList<>();
            Served.shared();
            for (int client = 0; client < CLIENTS; client++) {
                Random random = new Random(client);
                all.add(clients.submit(() -> {
                    for (int i = 0; i < REQUESTS / CLIENTS; i++) {
                        int good = random.nextInt(GOOD.size());
                        byte[] body = mutated(GOOD.get(good), random);
                        statuses.incrementAndGet(status(PATHS.get(good), body, random));
                    }
                    return null;
                }));
            }
            for (Future<?> client : all) {
                client.get();
            }
        }
        for (int status = 0; status < HTTP_STATUSES; status++) {
            if (statuses.get(status) > 0) {
                assertThat(status == 0 || status == 200 || (status >= 400 && status < 500))
                        .as(statuses.get(status) + " times " + status).isTrue();
            }
        }
        assertThat(statuses.get(200)).as("some were good").isPositive();
        assertThat(statuses.get(400)).as("some were not").isPositive();
        assertThat(Served.get("/health").statusCode()).isEqualTo(200);
        assertThat(Served.shared().scheduler().waiting()).isZero();
    }

    /** A body in which some bytes or words are others. */
    private static byte[] mutated(String good, Random random) {
        StringBuilder text = new StringBuilder(good);
        for (int changes = random.nextInt(4); changes > 0; changes--) {
            int at = random.nextInt(text.length());
            switch (random.nextInt(4)) {
                case 0 -> text.insert(at, PIECES.get(random.nextInt(PIECES.size())));
                case 1 -> text.delete(at, Math.min(text.length(), at + 1 + random.nextInt(8)));
                case 2 -> text.setCharAt(at, (char) random.nextInt(256));
                default -> text.replace(at, Math.min(text.length(), at + 1), PIECES.get(random.nextInt(PIECES.size())));
            }
            if (text.isEmpty()) {
                text.append(' ');
            }
        }
        byte[] bytes = text.toString().getBytes(UTF_8);
        if (random.nextInt(8) == 0) {
            bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
        }
        return bytes;
    }

    /** What the server says; 0 if it closes the connection because the request is no HTTP. */
    private static int status(String path, byte[] body, Random random) throws IOException {
        StringBuilder head = new StringBuilder("POST " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
                + "Content-Type: application/json\r\nContent-Length: " + body.length + "\r\n\r\n");
        boolean brokenHead = random.nextInt(20) == 0;
        if (brokenHead) {
            // Not in its last line: what is no length is one that the server would wait for.
            head.setCharAt(random.nextInt(head.indexOf("Content-Length")), (char) (32 + random.nextInt(96)));
        }
        ByteArrayOutputStream request = new ByteArrayOutputStream();
        request.writeBytes(head.toString().getBytes(StandardCharsets.ISO_8859_1));
        request.writeBytes(body);
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), Served.shared().port())) {
            socket.setSoTimeout(PATIENCE_MILLIS);
            socket.getOutputStream().write(request.toByteArray());
            InputStream in = socket.getInputStream();
            String answer = new String(in.readAllBytes(), UTF_8);
            if (answer.isEmpty() && brokenHead) {
                return 0;
            }
            assertThat(answer).as(head + new String(body, UTF_8)).startsWith("HTTP/1.1 ");
            int status = Integer.parseInt(answer.substring(9, 12));
            assertThat(status).as(head + new String(body, UTF_8) + "\n" + answer).isLessThan(500);
            assertThat(answer).as("whole").contains(status == 200 ? "}" : "\"error\"");
            return status;
        }
    }
}
