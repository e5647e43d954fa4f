package org.quantado.cli.serve;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.quantado.cli.CommandRun;
import org.quantado.cli.Quantado;
import org.quantado.cli.TextModels;
import org.quantado.cli.report.ExitCode;

class ServeCommandTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Pattern SERVING = Pattern.compile("serving tales at (http://127\\.0\\.0\\.1:\\d+)/");
    /** What a process that a signal ends by its hooks says. */
    private static final int TERMINATED = 128 + 15;

    @TempDir
    private Path folder;

    @Test
    void optionsOutOfRangeAreNamed() {
        CommandRun.of("serve", TextModels.tales(), "--port", 65536).assertFailedWith(ExitCode.BAD_USAGE, "--port",
                "found 65536", "expected 0 to 65535");
        CommandRun.of("serve", TextModels.tales(), "--parallel", 0).assertFailedWith(ExitCode.BAD_USAGE, "--parallel",
                "found 0");
        CommandRun.of("serve", TextModels.tales(), "--queue", -1).assertFailedWith(ExitCode.BAD_USAGE, "--queue",
                "found -1");
        CommandRun.of("serve", TextModels.tales(), "--time-limit", 0).assertFailedWith(ExitCode.BAD_USAGE,
                "--time-limit", "found 0");
    }

    @Test
    void keyFilesWithoutKeysAreNamed() throws IOException {
        Path keys = folder.resolve("keys");
        CommandRun.of("serve", TextModels.tales(), "--api-key-file", keys).assertFailedWith(ExitCode.BAD_INPUT,
                keys.toString());
        Files.writeString(keys, "# none yet\n\n");
        CommandRun.of("serve", TextModels.tales(), "--api-key-file", keys).assertFailedWith(ExitCode.BAD_INPUT,
                keys.toString(), "found no key");
        Files.writeString(keys, "two words\n");
        CommandRun.of("serve", TextModels.tales(), "--api-key-file", keys).assertFailedWith(ExitCode.BAD_INPUT,
                keys.toString(), "other characters");
    }

    @Test
    void portsInUseAreNamed() throws IOException {
        try (ServerSocket other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            CommandRun.of("serve", TextModels.tales(), "--port", other.getLocalPort())
                    .assertFailedWith(ExitCode.BAD_USAGE, "cannot listen at 127.0.0.1:" + other.getLocalPort());
        }
    }

    /** A process of its own: an answer (without the ids that end one, so that it is long) that runs when it is told to end comes whole. */
    @Test
    void whatRunsWhenItIsToldToEndIsFinished() throws Exception {
        Path keys = Files.writeString(folder.resolve("keys"), "secret\n");
        Process server = start("--model-name", "tales", "--port", "0", "--parallel", "2", "--api-key-file",
                keys.toString());
        try (BufferedReader out = server.inputReader(); HttpClient client = HttpClient.newHttpClient()) {
            Matcher serving = SERVING.matcher(String.valueOf(out.readLine()));
            assertThat(serving.matches()).as(Files.readString(folder.resolve("err"))).isTrue();
            HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(serving.group(1) + "/v1/completions"))
                    .timeout(PATIENCE).header("Content-Type", "application/json")
                    .POST(BodyPublishers.ofString("""
                            {"model": "tales", "prompt": "Once upon a time", "max_tokens": 200, "temperature": 0,
                             "stream": true, "logit_bias": {"0": -100, "3": -100}}"""));
            assertThat(client.send(request.build(), BodyHandlers.ofString()).statusCode()).isEqualTo(401);
            request.header("Authorization", "Bearer secret");
            HttpResponse<Stream<String>> answer = client.send(request.build(), BodyHandlers.ofLines());
            assertThat(answer.statusCode()).isEqualTo(200);
            List<String> lines = new ArrayList<>();
            try (Stream<String> events = answer.body()) {
                events.forEach(line -> {
                    if (lines.isEmpty()) {
                        server.destroy();
                    }
                    lines.add(line);
                });
            }
            assertThat(lines.stream().filter(line -> !line.isEmpty()).toList().getLast()).isEqualTo("data: [DONE]");
            assertThat(lines).anyMatch(line -> line.contains("\"finish_reason\":\"length\""));
            assertThat(server.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
            assertThat(server.exitValue()).isEqualTo(TERMINATED);
            assertThat(Files.readString(folder.resolve("err"))).contains("finishing what runs");
        } finally {
            server.destroyForcibly();
        }
    }

    private Process start(String... options) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx1g", "--add-modules",
                "jdk.incubator.vector", "--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow",
                "-Dquantado.conf=" + Path.of(System.getProperty("quantado.root"), "conf"), "-cp",
                System.getProperty("java.class.path"), Quantado.class.getName(), "serve",
                TextModels.tales().toString()));
        command.addAll(List.of(options));
        return new ProcessBuilder(command).redirectError(folder.resolve("err").toFile()).start();
    }
}
