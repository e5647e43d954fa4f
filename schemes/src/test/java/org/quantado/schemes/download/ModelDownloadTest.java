package org.quantado.schemes.download;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.quantado.schemes.download.HubServer.Request;
import org.quantado.schemes.hub.ModelId;

/** What is downloaded lies in the cache as huggingface_hub's documentation has it, whatever becomes of connections. */
class ModelDownloadTest {
    private static final byte[] HELLO = "hello\n".getBytes(StandardCharsets.US_ASCII);
    /** What {@code git hash-object} and {@code sha256sum} say of it. */
    private static final String HELLO_GIT = "ce013625030ba8dba906f756967f9e9ca394464a";
    private static final String HELLO_SHA256 = "5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03";
    private static final int WEIGHT_BYTES = 3_000_000;

    @TempDir
    private Path home;
    private HubServer server;
    private byte[] weights;
    private Download download;

    @BeforeEach
    void serve() {
        weights = new byte[WEIGHT_BYTES];
        new Random(1).nextBytes(weights);
        server = new HubServer().small("config.json", HELLO).small("empty.json", new byte[0])
                .large("model.safetensors", weights).large("tokenizer.json", HELLO);
        download = new Download(server, home);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private Path model() {
        return home.resolve("hub/models--org--some.model-1B");
    }

    private void assertWhole() throws IOException {
        assertThat(model().resolve("snapshots/" + HubServer.COMMIT + "/model.safetensors")).hasBinaryContent(weights);
        try (Stream<Path> blobs = Files.list(model().resolve("blobs"))) {
            assertThat(blobs.map(blob -> blob.getFileName().toString())).hasSize(4)
                    .allMatch(name -> name.matches("[0-9a-f]{40}([0-9a-f]{24})?"));
        }
    }

    private long requestsOfWeights() {
        return server.requests().stream().filter(request -> request.path().equals("/model.safetensors")).count();
    }

    @Test
    void filesLieAsTheHubsOwnClientHasThem() throws IOException {
        DownloadedModel downloaded = download.run();
        Path snapshot = model().resolve("snapshots").resolve(HubServer.COMMIT);
        assertThat(downloaded).isEqualTo(new DownloadedModel(ModelId.of(HubServer.NAME), HubServer.COMMIT, snapshot, 4,
                WEIGHT_BYTES + 12, WEIGHT_BYTES + 12));
        assertThat(model().resolve("refs/main")).hasContent(HubServer.COMMIT);
        assertThat(Files.readSymbolicLink(snapshot.resolve("config.json")))
                .isEqualTo(Path.of("../../blobs/" + HELLO_GIT));
        assertThat(Files.readSymbolicLink(snapshot.resolve("tokenizer.json")))
                .isEqualTo(Path.of("../../blobs/" + HELLO_SHA256));
        assertThat(snapshot.resolve("tokenizer.json")).hasBinaryContent(HELLO);
        assertThat(snapshot.resolve("empty.json")).isEmptyFile();
        assertWhole();
    }

    @Test
    void whatIsThereIsNotFetchedAgain() throws IOException {
        download.run();
        int before = server.requests().size();
        assertThat(download.run().fetchedBytes()).isZero();
        assertThat(server.requests().subList(before, server.requests().size()))
                .allMatch(request -> request.path().startsWith("/api/"));
    }

    @Test
    void aRevisionHasItsOwnName() throws IOException {
        assertThat(download.run(HubServer.NAME + "@pr/1").folder()).endsWith(Path.of(HubServer.COMMIT));
        assertThat(model().resolve("refs/pr/1")).hasContent(HubServer.COMMIT);
        assertThat(model().resolve("refs/main")).doesNotExist();
    }

    @Test
    void onlyWhatIsNeededIsFetched() throws IOException {
        List.of("pytorch_model.bin", "pytorch_model.bin.index.json", "model.gguf", "onnx/model.onnx",
                "original/params.json", "original/model.safetensors", "consolidated.safetensors", "README.md",
                "modeling.py").forEach(path -> server.small(path, HELLO));
        server.small("merges.txt", HELLO).small("chat_template.jinja", HELLO).small("tokenizer.model", HELLO);
        assertThat(names(download.run().folder())).containsExactlyInAnyOrder("config.json", "empty.json", "merges.txt",
                "model.safetensors", "chat_template.jinja", "tokenizer.json", "tokenizer.model");
        assertThat(names(download.run(HubServer.NAME, FileChoice.of(List.of("original/", "READM?.[!a-l]d"), List.of(
                "*.safetensors"))).folder())).contains("README.md", "original/params.json")
                .doesNotContain("modeling.py", "original/model.safetensors");
    }

    private static List<String> names(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(Files::isRegularFile).map(file -> folder.relativize(file).toString()).toList();
        }
    }

    @Test
    void aCutConnectionGoesOnWhereItBroke() throws IOException {
        AtomicInteger cuts = new AtomicInteger();
        server.onStore(exchange -> {
            boolean cut = exchange.getRequestURI().getPath().equals("/model.safetensors")
                    && cuts.getAndIncrement() == 0;
            if (cut) {
                HubServer.cut(exchange, Arrays.copyOf(weights, 1_000_000), WEIGHT_BYTES);
            }
            return cut;
        });
        AtomicLong counted = new AtomicLong();
        download.progress = new DownloadProgress() {
            @Override
            public void begin(long bytes) {
                assertThat(bytes).isEqualTo(WEIGHT_BYTES + 12);
            }

            @Override
            public void advance(long bytes) {
                counted.addAndGet(bytes);
            }
        };
        assertThat(download.run().fetchedBytes()).isEqualTo(WEIGHT_BYTES + 12);
        assertThat(counted).hasValue(WEIGHT_BYTES + 12);
        assertThat(server.requests()).filteredOn(request -> request.path().equals("/model.safetensors"))
                .extracting(request -> request.range().orElse("all")).hasSize(2).startsWith("all")
                .last().asString().matches("bytes=\\d{5,7}-");
        assertWhole();
    }

    @Test
    void aServerThatFallsSilentIsAskedAgain() throws IOException {
        AtomicInteger answers = new AtomicInteger();
        server.onStore(exchange -> {
            boolean first = exchange.getRequestURI().getPath().equals("/model.safetensors")
                    && answers.getAndIncrement() == 0;
            if (first) {
                exchange.sendResponseHeaders(200, WEIGHT_BYTES);
                exchange.getResponseBody().write(weights, 0, 50_000);
                exchange.getResponseBody().flush();
                HubServer.sleep(30_000);
            }
            return first;
        });
        download.run();
        assertWhole();
    }

    @Test
    void whatWasKeptAndIsWrongIsFetchedAnew() throws IOException {
        Path partial = partial();
        Files.createDirectories(partial.getParent());
        Files.write(partial, new byte[1_000_000]);
        assertThat(download.run().fetchedBytes()).isEqualTo(2L * WEIGHT_BYTES - 1_000_000 + 12);
        assertWhole();
        server.ignoreRanges();
        Files.delete(model().resolve("blobs").resolve(HubServer.sha256(weights)));
        Files.write(partial, new byte[10]);
        download.run();
        assertWhole();
    }

    private Path partial() {
        return model().resolve("blobs").resolve(HubServer.sha256(weights) + ".quantado.incomplete");
    }

    @Test
    void serversThatHaveTooMuchToDoAreAskedAgain() throws IOException {
        AtomicInteger asked = new AtomicInteger();
        server.onHub(exchange -> switch (asked.getAndIncrement()) {
            case 0, 1 -> HubServer.answer(exchange, 503, "");
            case 2 -> {
                exchange.getResponseHeaders().add("Retry-After", "0");
                yield HubServer.answer(exchange, 429, "");
            }
            default -> false;
        });
        download.run();
        assertWhole();
    }

    @Test
    void twoAtOnceShareTheWork() throws Exception {
        server.slow(5);
        AtomicInteger waited = new AtomicInteger();
        Download other = new Download(server, home);
        other.progress = new DownloadProgress() {
            @Override
            public void begin(long bytes) {
                // all that is needed is to be told of waiting
            }

            @Override
            public void advance(long bytes) {
                // as above
            }

            @Override
            public void waiting() {
                waited.incrementAndGet();
            }
        };
        try (ExecutorService threads = Executors.newFixedThreadPool(2)) {
            Future<DownloadedModel> one = threads.submit(() -> download.run());
            while (requestsOfWeights() == 0) {
                Thread.sleep(1);
            }
            Future<DownloadedModel> two = threads.submit(() -> other.run());
            assertThat(one.get().fetchedBytes() + two.get().fetchedBytes()).isEqualTo(WEIGHT_BYTES + 12);
        }
        assertThat(waited).hasPositiveValue();
        assertThat(requestsOfWeights()).isEqualTo(1);
        assertWhole();
    }

    @Test
    void aKilledProcessLosesNothing() throws Exception {
        server.slow(20);
        Process process = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-cp",
                System.getProperty("java.class.path"), DownloadProcess.class.getName(), server.address().toString(),
                home.toString()).redirectErrorStream(true).start();
        while (process.isAlive() && (!Files.exists(partial()) || Files.size(partial()) < 500_000)) {
            Thread.sleep(10);
        }
        process.destroyForcibly().waitFor();
        long kept = Files.size(partial());
        assertThat(kept).isBetween(500_000L, WEIGHT_BYTES - 1L);
        assertThat(model().resolve("snapshots")).doesNotExist();
        server.slow(0);
        assertThat(download.run().fetchedBytes()).isBetween(WEIGHT_BYTES - kept, WEIGHT_BYTES - kept + 12);
        assertThat(server.requests()).anyMatch(request -> request.range().equals(Optional.of("bytes=" + kept + "-")));
        assertWhole();
    }

    @Test
    void theTokenIsForTheHubAlone() throws IOException {
        download.variables = Map.of("HF_TOKEN", Download.TOKEN);
        server.onStore(exchange -> exchange.getRequestURI().toString().equals("/model.safetensors")
                && HubServer.redirect(exchange, server.address() + "/back"));
        server.onHub(exchange -> exchange.getRequestURI().getPath().equals("/back")
                && HubServer.redirect(exchange, server.storeAddress() + "/model.safetensors?again"));
        download.run();
        assertThat(server.requests()).filteredOn(request -> request.ofHub() && !request.path().equals("/back"))
                .isNotEmpty()
                .allMatch(request -> request.authorization().equals(Optional.of("Bearer " + Download.TOKEN)));
        assertThat(server.requests()).filteredOn(request -> !request.ofHub() || request.path().equals("/back"))
                .hasSizeGreaterThan(2).allMatch(request -> request.authorization().isEmpty());
    }
}
