package org.quantado.cli.download;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.stream.Stream;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;

/** A hub on this machine's loopback that has one model, which is a folder. */
final class FolderHub implements AutoCloseable {
    static final String NAME = "org/tales";
    private static final String COMMIT = "0123456789abcdef0123456789abcdef01234567";

    private final HttpServer server;

    FolderHub(Path folder) throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            exchange.getResponseHeaders().add("X-Error-Code", "RepoNotFound");
            send(exchange, 404, new byte[0]);
        });
        server.createContext("/api/models/" + NAME + "/revision/main",
                exchange -> send(exchange, 200, ("{\"sha\":\"" + COMMIT + "\"}").getBytes(StandardCharsets.UTF_8)));
        server.createContext("/api/models/" + NAME + "/tree/" + COMMIT,
                exchange -> send(exchange, 200, listing(folder).toString().getBytes(StandardCharsets.UTF_8)));
        String files = "/" + NAME + "/resolve/" + COMMIT + "/";
        server.createContext(files, exchange -> send(exchange, 200, Files.readAllBytes(
                folder.resolve(exchange.getRequestURI().getPath().substring(files.length())))));
        server.start();
    }

    String address() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    private static ArrayNode listing(Path folder) throws IOException {
        ArrayNode entries = JsonNodeFactory.instance.arrayNode();
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                byte[] bytes = Files.readAllBytes(file);
                entries.addObject().put("type", "file").put("path", file.getFileName().toString())
                        .put("size", bytes.length).putObject("lfs").put("oid", sha256(bytes))
                        .put("size", bytes.length);
            }
        }
        return entries;
    }

    private static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void send(HttpExchange exchange, int status, byte[] bytes) throws IOException {
        try (exchange) {
            exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
            exchange.getResponseBody().write(bytes);
        }
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
