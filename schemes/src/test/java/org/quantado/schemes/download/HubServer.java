package org.quantado.schemes.download;

import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;

/**
 * A hub with one model on this machine's loopback, and on another port a server for its large files, to which the hub sends
 * whoever asks for them. What goes wrong is up to a test: a {@link Fault} may answer in place of either.
 */
final class HubServer implements AutoCloseable {
    static final String NAME = "org/some.model-1B";
    static final String COMMIT = "0123456789abcdef0123456789abcdef01234567";
    private static final int PAGE = 2;
    private static final int CHUNK = 1 << 14;
    private static final Pattern RANGE = Pattern.compile("bytes=(\\d+)-");

    /** Answers in place of a server. */
    interface Fault {
        /** Whether it has answered. */
        boolean answers(HttpExchange exchange) throws IOException;
    }

    /**
     * What was asked for.
     *
     * @param ofHub whether the hub was asked, or the server for large files
     */
    record Request(boolean ofHub, String path, Optional<String> range, Optional<String> authorization) {
    }

    @SuppressWarnings("ArrayRecordComponent") // nobody compares them
    private record Content(byte[] bytes, boolean large) {
        String sum() {
            return large ? sha256(bytes) : gitSha1(bytes);
        }
    }

    private final HttpServer hub = server();
    private final HttpServer store = server();
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final SortedMap<String, Content> files = new TreeMap<>();
    private final List<ObjectNode> oddEntries = new CopyOnWriteArrayList<>();
    private final List<Request> requests = new CopyOnWriteArrayList<>();
    private volatile Fault hubFault = exchange -> false;
    private volatile Fault storeFault = exchange -> false;
    private volatile int chunkMillis;
    private volatile boolean ranges = true;

    HubServer() {
        hub.createContext("/", exchange -> handle(exchange, true));
        store.createContext("/", exchange -> handle(exchange, false));
        hub.setExecutor(threads);
        store.setExecutor(threads);
        hub.start();
        store.start();
    }

    private static HttpServer server() {
        try {
            return HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    HubServer small(String path, byte[] bytes) {
        files.put(path, new Content(bytes, false));
        return this;
    }

    HubServer large(String path, byte[] bytes) {
        files.put(path, new Content(bytes, true));
        return this;
    }

    /** Something more in the listing. */
    HubServer entry(String path, String size) throws IOException {
        ObjectNode entry = JsonNodeFactory.instance.objectNode().put("type", "file").put("oid", "0".repeat(40))
                .put("path", path);
        entry.set("size", new ObjectMapper().readTree(size));
        oddEntries.add(entry);
        return this;
    }

    void onHub(Fault fault) {
        hubFault = fault;
    }

    void onStore(Fault fault) {
        storeFault = fault;
    }

    /** Large files come slowly from now on. */
    void slow(int millisPerChunk) {
        chunkMillis = millisPerChunk;
    }

    /** Files come whole from now on, whatever is asked for. */
    void ignoreRanges() {
        ranges = false;
    }

    List<Request> requests() {
        return List.copyOf(requests);
    }

    URI address() {
        return address(hub);
    }

    URI storeAddress() {
        return address(store);
    }

    private static URI address(HttpServer server) {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    }

    private void handle(HttpExchange exchange, boolean ofHub) throws IOException {
        String path = exchange.getRequestURI().toString();
        requests.add(new Request(ofHub, path, header(exchange, "Range"), header(exchange, "Authorization")));
        try (exchange) {
            if ((ofHub ? hubFault : storeFault).answers(exchange)) {
                return;
            }
            if (!ofHub) {
                send(exchange, files.get(exchange.getRequestURI().getPath().substring(1)), chunkMillis);
            } else if (path.equals("/api/models/" + NAME + "/revision/main")
                    || path.equals("/api/models/" + NAME + "/revision/pr%2F1")) {
                answer(exchange, 200, "{\"id\": \"" + NAME + "\", \"sha\": \"" + COMMIT + "\"}");
            } else if (path.startsWith("/api/models/" + NAME + "/tree/" + COMMIT + "?recursive=true")) {
                list(exchange);
            } else if (path.startsWith("/" + NAME + "/resolve/" + COMMIT + "/")) {
                resolve(exchange, path.substring(path.indexOf(COMMIT) + COMMIT.length() + 1));
            } else {
                error(exchange, path.startsWith("/api/models/" + NAME + "/revision/") ? 404 : 401,
                        path.startsWith("/api/models/" + NAME) ? "RevisionNotFound" : "RepoNotFound");
            }
        }
    }

    private static Optional<String> header(HttpExchange exchange, String name) {
        return Optional.ofNullable(exchange.getRequestHeaders().getFirst(name));
    }

    private void list(HttpExchange exchange) throws IOException {
        ArrayNode entries = JsonNodeFactory.instance.arrayNode();
        entries.addObject().put("type", "directory").put("oid", "0".repeat(40)).put("size", 0).put("path", "original");
        files.forEach((path, content) -> {
            ObjectNode entry = entries.addObject().put("type", "file").put("path", path)
                    .put("oid", gitSha1(content.bytes)).put("size", content.bytes.length);
            if (content.large) {
                entry.putObject("lfs").put("oid", content.sum()).put("size", content.bytes.length)
                        .put("pointerSize", 134);
            }
        });
        oddEntries.forEach(entries::add);
        Matcher cursor = Pattern.compile("&cursor=(\\d+)").matcher(exchange.getRequestURI().toString());
        int from = cursor.find() ? Integer.parseInt(cursor.group(1)) : 0;
        int to = Math.min(from + PAGE, entries.size());
        ArrayNode page = JsonNodeFactory.instance.arrayNode();
        for (int i = from; i < to; i++) {
            page.add(entries.get(i));
        }
        if (to < entries.size()) {
            exchange.getResponseHeaders().add("Link", "<" + address() + "/api/models/" + NAME + "/tree/" + COMMIT
                    + "?recursive=true&expand=false&cursor=" + to + ">; rel=\"next\"");
        }
        answer(exchange, 200, page.toString());
    }

    private void resolve(HttpExchange exchange, String path) throws IOException {
        Content content = files.get(path);
        exchange.getResponseHeaders().add("X-Repo-Commit", COMMIT);
        if (content.large) {
            exchange.getResponseHeaders().add("X-Linked-Etag", "\"" + content.sum() + "\"");
            exchange.getResponseHeaders().add("X-Linked-Size", String.valueOf(content.bytes.length));
            redirect(exchange, storeAddress() + "/" + path);
        } else {
            exchange.getResponseHeaders().add("ETag", "\"" + content.sum() + "\"");
            send(exchange, content, 0);
        }
    }

    private void send(HttpExchange exchange, Content content, int millisPerChunk) throws IOException {
        Matcher range = RANGE.matcher(header(exchange, "Range").orElse(""));
        int from = ranges && range.matches() ? Integer.parseInt(range.group(1)) : 0;
        if (from > 0) {
            exchange.getResponseHeaders().add("Content-Range",
                    "bytes " + from + "-" + (content.bytes.length - 1) + "/" + content.bytes.length);
        }
        exchange.sendResponseHeaders(from > 0 ? 206 : 200, content.bytes.length - from);
        OutputStream out = exchange.getResponseBody();
        for (int i = from; i < content.bytes.length; i += CHUNK) {
            out.write(content.bytes, i, Math.min(CHUNK, content.bytes.length - i));
            if (millisPerChunk > 0) {
                out.flush();
                sleep(millisPerChunk);
            }
        }
    }

    /** Says so many bytes and sends fewer. */
    static void cut(HttpExchange exchange, byte[] bytes, int announced) throws IOException {
        exchange.sendResponseHeaders(200, announced);
        exchange.getResponseBody().write(bytes);
        exchange.getResponseBody().flush();
        exchange.close();
    }

    static void sleep(int millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    static boolean answer(HttpExchange exchange, int status, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
        exchange.getResponseBody().write(bytes);
        return true;
    }

    static boolean error(HttpExchange exchange, int status, String code) throws IOException {
        exchange.getResponseHeaders().add("X-Error-Code", code);
        return answer(exchange, status, "{}");
    }

    static boolean redirect(HttpExchange exchange, String location) throws IOException {
        exchange.getResponseHeaders().add("Location", location);
        return answer(exchange, 302, "");
    }

    static String sha256(byte[] bytes) {
        return HexFormat.of().formatHex(digest("SHA-256").digest(bytes));
    }

    static String gitSha1(byte[] bytes) {
        MessageDigest digest = digest("SHA-1");
        digest.update(("blob " + bytes.length + "\0").getBytes(StandardCharsets.US_ASCII));
        return HexFormat.of().formatHex(digest.digest(bytes));
    }

    private static MessageDigest digest(String algorithm) {
        try {
            return MessageDigest.getInstance(algorithm);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        hub.stop(0);
        store.stop(0);
        threads.shutdownNow();
    }
}
