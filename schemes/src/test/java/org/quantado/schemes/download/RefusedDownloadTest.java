package org.quantado.schemes.download;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.ConnectException;
import java.net.URI;
import java.nio.channels.UnresolvedAddressException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.Stream;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.quantado.schemes.download.HubServer.Fault;
import org.quantado.schemes.hub.HubException;
import org.quantado.schemes.hub.HubException.Reason;

/** What cannot be had is told in a sentence, a model appears whole or not at all, and the token is in nothing that is told. */
class RefusedDownloadTest {
    private static final byte[] WEIGHTS = "weights".repeat(1000).getBytes(StandardCharsets.US_ASCII);
    private static final String NO_SUM = "0".repeat(40);

    @TempDir
    private Path home;
    private HubServer server;
    private Download download;

    @BeforeEach
    void serve() {
        server = new HubServer().small("config.json", "{}".getBytes(StandardCharsets.US_ASCII))
                .large("model.safetensors", WEIGHTS);
        download = new Download(server, home);
        download.variables = Map.of("HF_TOKEN", Download.TOKEN);
    }

    @AfterEach
    void stop() throws IOException {
        server.close();
        Path model = home.resolve("hub/models--org--some.model-1B");
        assertThat(model.resolve("snapshots")).doesNotExist();
        assertThat(model.resolve("refs")).doesNotExist();
    }

    private void assertRefused(Reason reason, String... words) {
        Throwable thrown = catchThrowable(download::run);
        assertThat(thrown).isInstanceOf(HubException.class).message().contains(words).doesNotContain("\n");
        assertThat(((HubException) thrown).reason()).isEqualTo(reason);
        StringWriter trace = new StringWriter();
        thrown.printStackTrace(new PrintWriter(trace));
        assertThat(trace.toString()).doesNotContain(Download.TOKEN);
    }

    private static Fault onFiles(Fault fault) {
        return exchange -> exchange.getRequestURI().getPath().contains("model.safetensors")
                && fault.answers(exchange);
    }

    @Test
    void whatTheHubDoesNotHave() {
        assertThatThrownBy(() -> download.run("org/other")).isInstanceOf(HubException.class).message()
                .startsWith("org/other: found no such model on http://127.0.0.1:")
                .contains("with the token from HF_TOKEN", "for a private one a token");
        download.variables = Map.of();
        assertThatThrownBy(() -> download.run("org/other")).hasMessageContaining("without a token");
        assertThatThrownBy(() -> download.run(HubServer.NAME + "@v9"))
                .hasMessageStartingWith(HubServer.NAME + "@v9: found no revision 'v9', expected a branch, a tag");
    }

    @Test
    void gatedModels() {
        server.onHub(onFiles(exchange -> HubServer.error(exchange, 403, "GatedRepo")));
        assertRefused(Reason.NOT_GIVEN, "found a gated model, with the token from HF_TOKEN",
                "access on " + server.address() + "/" + HubServer.NAME);
        server.onHub(onFiles(exchange -> HubServer.error(exchange, 401, "GatedRepo")));
        download.variables = Map.of();
        assertRefused(Reason.NOT_GIVEN, "found a gated model, without a token", "HF_TOKEN or hf auth login");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
            "401 | Invalid credentials in Authorization header | does not know, with the token from HF_TOKEN",
            "403 | Access to this resource is disabled. | has disabled",
            "403 | Nobody knows hf_secretsecretsecret | does not allow it",
            "400 | What? | does not understand"
    })
    void whatTheHubDoesNotAllow(int status, String message, String found) {
        server.onHub(exchange -> {
            exchange.getResponseHeaders().add("X-Error-Message", message);
            return HubServer.answer(exchange, status, "{}");
        });
        assertRefused(Reason.NOT_GIVEN, found);
    }

    @Test
    void tokensWithOddCharactersAreNotShown() {
        download.variables = Map.of("HF_TOKEN", Download.TOKEN + "\u00e9");
        assertRefused(Reason.USAGE, "HF_TOKEN: found characters that no token has");
    }

    @Test
    void serversThatHaveNoTime() {
        server.onHub(exchange -> {
            exchange.getResponseHeaders().add("RateLimit", "\"api\";r=0;t=86400");
            return HubServer.answer(exchange, 429, "");
        });
        assertRefused(Reason.HINDERED, "asks to wait for 86400 s", "at most 2");
        server.onHub(exchange -> HubServer.answer(exchange, 429, ""));
        assertRefused(Reason.HINDERED, "too many requests");
        server.onHub(exchange -> HubServer.answer(exchange, 502, ""));
        assertRefused(Reason.HINDERED, "found HTTP status 502 of " + server.address());
        server.onHub(exchange -> false);
        server.onStore(exchange -> HubServer.answer(exchange, 403, ""));
        assertRefused(Reason.HINDERED, "found HTTP status 403 of " + server.storeAddress(), "keeps a file");
        assertThat(server.requests()).hasSizeLessThan(40);
    }

    @Test
    void noNetwork() {
        server.close();
        assertRefused(Reason.HINDERED, "found no connection to " + server.address()
                + " that lasts (the connection is refused)");
        IOException unknown = new ConnectException();
        unknown.initCause(new ConnectException().initCause(new UnresolvedAddressException()));
        assertThat(new BrokenConnection(Origin.of(URI.create("https://Hub:443/x?y")), unknown))
                .hasMessage("no connection to https://hub that lasts (no such host is known)");
        download.variables = Map.of("HF_HUB_OFFLINE", "1");
        assertRefused(Reason.USAGE, "HF_HUB_OFFLINE");
        download.variables = Map.of("HF_ENDPOINT", "huggingface.co");
        assertRefused(Reason.USAGE, "HF_ENDPOINT: found no address of a hub");
    }

    @Test
    void connectionsThatBreakAgainAndAgain() throws IOException {
        server.onStore(exchange -> {
            HubServer.cut(exchange, Arrays.copyOf(WEIGHTS, 10), WEIGHTS.length);
            return true;
        });
        assertRefused(Reason.HINDERED, "found no connection to " + server.storeAddress() + " that lasts");
    }

    @Test
    void aFlippedByteIsFound() throws IOException {
        byte[] flipped = WEIGHTS.clone();
        flipped[4711] ^= 1;
        server.onStore(exchange -> HubServer.answer(exchange, 200, new String(flipped, StandardCharsets.US_ASCII)));
        assertRefused(Reason.DAMAGED, "'model.safetensors': found SHA-256 " + HubServer.sha256(flipped),
                "expected " + HubServer.sha256(WEIGHTS));
        try (Stream<Path> blobs = Files.list(home.resolve("hub/models--org--some.model-1B/blobs"))) {
            assertThat(blobs).noneMatch(blob -> blob.getFileName().toString().startsWith(HubServer.sha256(WEIGHTS)));
        }
    }

    @Test
    void aFlippedByteOfASmallFileIsFound() {
        server.onHub(exchange -> exchange.getRequestURI().getPath().endsWith("/config.json")
                && HubServer.answer(exchange, 200, "{ "));
        assertRefused(Reason.DAMAGED, "'config.json': found SHA-1 ");
    }

    @ParameterizedTest
    @ValueSource(strings = {"../x.json", "a/../../x.json", "/etc/x.json", "a//x.json", "./x.json", "a\\x.json",
            "C:x.json", "x\u0000.json", "x\n.json", "", "a/"})
    void namesThatLeadElsewhere(String name) throws IOException {
        server.entry(name, "1");
        assertRefused(Reason.NOT_TRUSTED, "a path that leads elsewhere");
    }

    @ParameterizedTest
    @ValueSource(strings = {"-1", "1000000000000000000", "99999999999999999999999999", "1.5", "\"7\"", "null"})
    void sizesThatNoFileHas(String size) throws IOException {
        server.entry("a.json", size);
        assertRefused(Reason.NOT_TRUSTED, "the hub's file 'a.json': found ");
    }

    @Test
    void listingsThatCannotBe() throws IOException {
        server.entry("config.json/x", "1");
        assertRefused(Reason.NOT_TRUSTED, "a file in a file: 'config.json/x'");
        server.entry("config.json", "1");
        assertRefused(Reason.NOT_TRUSTED, "two files of the name 'config.json'");
        server.onHub(exchange -> HubServer.answer(exchange, 200, "<html>"));
        assertRefused(Reason.NOT_TRUSTED, "not JSON");
        server.onHub(exchange -> HubServer.answer(exchange, 200, "{\"sha\": \"../../x\"}"));
        assertRefused(Reason.NOT_TRUSTED, "no commit");
        server.onHub(exchange -> {
            exchange.getResponseHeaders().add("Link", "<" + server.storeAddress() + ">; rel=\"next\"");
            return exchange.getRequestURI().getPath().contains("/tree/") && HubServer.answer(exchange, 200, "[]");
        });
        assertRefused(Reason.NOT_TRUSTED, "a listing");
    }

    @ParameterizedTest
    @ValueSource(strings = {"file:///etc/passwd", "ftp://127.0.0.1/x", "http://user:word@127.0.0.1/", "http://", "::"})
    void redirectsToNoServer(String location) {
        server.onHub(onFiles(exchange -> HubServer.redirect(exchange, location)));
        assertRefused(Reason.NOT_TRUSTED, "a redirect to no address");
    }

    @Test
    void redirectsWithoutEnd() {
        server.onHub(exchange -> HubServer.redirect(exchange, "/again"));
        assertRefused(Reason.NOT_TRUSTED, "more than 10 redirects");
    }

    @Test
    void bytesThatWereNotAskedFor() throws IOException {
        server.onStore(exchange -> HubServer.answer(exchange, 200, "x".repeat(WEIGHTS.length + 1)));
        assertRefused(Reason.NOT_TRUSTED, "'model.safetensors': found more bytes than that, expected 7000");
        Path partial = home.resolve("hub/models--org--some.model-1B/blobs/" + HubServer.sha256(WEIGHTS)
                + ".quantado.incomplete");
        Files.write(partial, Arrays.copyOf(WEIGHTS, 100));
        server.onStore(exchange -> {
            exchange.getResponseHeaders().add("Content-Range", "bytes 99-6999/7000");
            return HubServer.answer(exchange, 206, "x");
        });
        assertRefused(Reason.NOT_TRUSTED, "another range", "bytes from 100 of 7000");
        server.onHub(onFiles(exchange -> {
            exchange.getResponseHeaders().add("X-Linked-Etag", "\"" + NO_SUM + "\"");
            return HubServer.redirect(exchange, server.storeAddress() + "/model.safetensors");
        }));
        assertRefused(Reason.NOT_TRUSTED, "found ETag '" + NO_SUM + "', expected " + HubServer.sha256(WEIGHTS));
    }

    @Test
    void modelsWithoutSafetensors() throws IOException {
        try (HubServer other = new HubServer().small("config.json", new byte[1]).small("model.gguf", new byte[9])) {
            download = new Download(other, home);
            assertRefused(Reason.NOT_GIVEN, "found no safetensors among its 2 files", "'model.gguf'");
        }
    }

    @Test
    void disksWithoutRoom() throws IOException {
        for (int i = 0; i < 2000; i++) {
            server.entry("a" + i + ".json", "1000000000000");
        }
        assertThatThrownBy(download::run).isInstanceOf(IOException.class).hasMessageContaining("free on the disk");
    }
}
