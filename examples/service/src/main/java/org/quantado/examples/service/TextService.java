package org.quantado.examples.service;

import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

import org.quantado.models.TextModel;
import org.quantado.models.generate.Answer;
import org.quantado.models.generate.GenerationRequest;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;

/**
 * A model in a program's own server, the JDK's: a text is posted to /continue, and what comes after it is the answer. The server
 * takes one request after the other, as the model's one sequence needs it; the server of quantado-server answers many at a time.
 */
public final class TextService {
    private static final int MOST_TOKENS = 64;
    private static final int MOST_BYTES = 4096;
    private static final int OK = 200;
    private static final int BAD_METHOD = 405;
    private static final int TOO_LARGE = 413;

    private TextService() {
    }

    /** @param arguments folder of a model, and a port of this machine */
    public static void main(String[] arguments) throws IOException {
        if (arguments.length != 2) {
            throw new IllegalArgumentException("expected MODEL PORT");
        }
        TextModel model = TextModel.open(Path.of(arguments[0]));
        HttpServer server = start(model, Integer.parseInt(arguments[1]), MOST_TOKENS);
        System.out.println("http://localhost:" + server.getAddress().getPort() + "/continue");
    }

    static HttpServer start(TextModel model, int port, int mostTokens) throws IOException {
        GenerationRequest request = new GenerationRequest(model.sampling(), mostTokens, model.stopIds(), List.of());
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
        server.createContext("/continue", exchange -> answer(exchange, model, request));
        server.start();
        return server;
    }

    private static void answer(HttpExchange exchange, TextModel model, GenerationRequest request) throws IOException {
        try (exchange) {
            if (!exchange.getRequestMethod().equals("POST")) {
                exchange.sendResponseHeaders(BAD_METHOD, -1);
                return;
            }
            byte[] body = exchange.getRequestBody().readNBytes(MOST_BYTES + 1);
            if (body.length > MOST_BYTES) {
                exchange.sendResponseHeaders(TOO_LARGE, -1);
                return;
            }
            Answer answer = model.generate(new String(body, StandardCharsets.UTF_8), request, piece -> {
            });
            byte[] text = answer.text().getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", "text/plain; charset=utf-8");
            exchange.sendResponseHeaders(OK, text.length == 0 ? -1 : text.length);
            try (OutputStream out = exchange.getResponseBody()) {
                out.write(text);
            }
        }
    }
}
