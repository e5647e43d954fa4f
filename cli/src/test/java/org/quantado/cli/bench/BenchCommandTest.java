package org.quantado.cli.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.quantado.cli.CommandRun;
import org.quantado.cli.report.ExitCode;
import org.quantado.kernels.engine.Conf;

import com.fasterxml.jackson.databind.JsonNode;

class BenchCommandTest {
    private static final String[] SMALL = {"bench", "--seconds", "0.001", "--n", "32", "--k", "64"};

    @Test
    void measuresProductsUnlessToldOtherwise() {
        CommandRun run = bench("--format", "int8_channel", "--batch", "1,3", "--wide");
        assertThat(run.exitCode()).as(run.err()).isEqualTo(ExitCode.DONE);
        assertThat(run.out()).containsPattern("(?m)^gemv +int8_channel +n=32 k=64 +1 ")
                .containsPattern("(?m)^gemm +int8_channel +n=32 k=64 +3 ")
                .contains("At most", "GB/s read", "kernels ms", "us/row", "of compute", "overhead us");
        assertThat(run.err().lines()).hasSize(2)
                .first().asString().startsWith("quantado: gemv int8_channel n=32 k=64, 1 rows: ");
    }

    @Test
    void linesAreNoLongerThanAHundredColumns() {
        CommandRun run = bench("--op", "gemv,quantize,routing,moe", "--format", "mxfp4,int8_channel,fp8_token",
                "--batch",
                "1", "--experts", "128:8:64:32");
        assertThat(run.exitCode()).as(run.err()).isEqualTo(ExitCode.DONE);
        assertThat(run.out()).contains("sigmoid_grouped", " 128:8:64:32 ", "--wide")
                .doesNotContain("overhead");
        assertThat(run.out().lines()).allMatch(line -> line.length() <= 100);
    }

    @Test
    void opsAreMeasuredInOneTable() {
        JsonNode json = bench("--op", "gemv,quantize,routing,moe", "--format", "mxfp4,fp8_token", "--batch", "1",
                "--experts", "4:2:64:32", "--json").json();
        assertThat(json.path("engine").path("engine").asText()).isNotBlank();
        JsonNode measured = json.path("measured");
        assertThat(measured.path("flavour").asText()).isNotBlank();
        assertThat(measured.path("reason").asText()).isNotBlank();
        assertThat(measured.path("peaks").path("readBytesPerSecond").asDouble()).isPositive();
        assertThat(measured.path("peaks").path("flopPerSecond").asDouble()).isPositive();
        assertThat(subjects(measured)).containsExactly("GEMV mxfp4 {\"n\":32,\"k\":64} 1",
                "MOE mxfp4 {\"experts\":4,\"top\":2,\"hidden\":64,\"intermediate\":32} 1",
                "QUANTIZE mxfp4 {\"k\":64} 32",
                "QUANTIZE fp8_token {\"k\":64} 32", "ROUTING softmax {\"experts\":128,\"top\":8} 1",
                "ROUTING sigmoid_grouped {\"experts\":256,\"top\":8} 1");
        for (JsonNode result : measured.path("results")) {
            assertThat(result.path("kernels").path("best").asLong()).isPositive();
            assertThat(result.path("wall").path("median").asLong())
                    .isGreaterThanOrEqualTo(result.path("wall").path("best").asLong());
            assertThat(result.path("bytes").asLong()).isPositive();
            assertThat(result.path("readShare").asDouble()).isPositive();
            assertThat(result.path("overheadMicros").asDouble(-1)).isNotNegative();
            assertThat(result.path("extraBytes").isIntegralNumber()).isTrue();
            assertThat(result.path("error").asDouble()).isBetween(0.0, 1e-4);
        }
    }

    @Test
    void gptqIsMeasuredInItsParts() {
        CommandRun run = CommandRun.of("bench", "--op", "gptq", "--seconds", "0.001", "--n", "32", "--k", "256",
                "--json");
        assertThat(run.exitCode()).as(run.err()).isEqualTo(ExitCode.DONE);
        JsonNode measured = run.json().path("measured");
        assertThat(measured.path("layers")).singleElement().satisfies(layer -> {
            assertThat(layer.path("inputs").asInt()).isEqualTo(256);
            assertThat(layer.path("tokens").asInt()).isEqualTo(128 * 2048);
            assertThat(layer.path("multiplyAddShare").asDouble()).isPositive();
            assertThat(layer.path("columnSeconds").asDouble()).isPositive();
        });
        assertThat(measured.path("estimates").findValuesAsText("model")).containsExactly("llama-8b", "llama-70b");
    }

    @Test
    void gptqIsNotMeasuredWithWhatItHasNot() {
        assertThat(bench("--op", "gptq").err()).contains("--k 64", "multiple of 128");
        assertThat(bench("--op", "gptq,gemv").err()).contains("no other op");
        assertThat(bench("--op", "gptq", "--batch", "1").err()).contains("--batch do not go");
    }

    @Test
    void picturesAreWritten(@TempDir Path folder) throws IOException {
        Path picture = Files.writeString(folder.resolve("roof.svg"), "an older one");
        CommandRun run = bench("--format", "int8_channel", "--batch", "1", "--plot", picture.toString());
        assertThat(run.exitCode()).as(run.err()).isEqualTo(ExitCode.DONE);
        assertThat(picture).content().startsWith("<svg ").endsWith("</svg>\n").contains("gemv int8_channel");
        assertThat(folder).isDirectoryContaining("glob:**.svg").isDirectoryNotContaining("glob:**.partial");
    }

    @Test
    void picturesThatCannotBeWrittenAreSaidSoFirst(@TempDir Path folder) {
        bench("--plot", folder.resolve("roof.png").toString()).assertFailedWith(ExitCode.BAD_USAGE, "roof.png", ".svg");
        bench("--plot", folder.resolve("no/roof.svg").toString()).assertFailedWith(ExitCode.BAD_INPUT,
                folder.resolve("no").toString(), "no such file or folder");
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void tuningWritesAFileForTheDevice(@TempDir Path folder) throws IOException {
        CommandRun run = withConf(folder, "--tune", "--n", "32", "--k", "64", "--seconds", "0", "--json");
        JsonNode json = run.json();
        Path file = Path.of(json.path("file").asText());
        assertThat(file).exists().hasParent(folder.resolve("devices"));
        JsonNode chosen = json.path("chosen");
        assertThat(file).content().startsWith("# ").contains("flavour = " + chosen.path("flavour").asText() + "\n",
                "rows_per_block = " + chosen.path("rowsPerBlock").asText() + "\n");
        assertThat(json.path("gain").asDouble()).isPositive();
        assertThat(json.path("trials").path(0).path("nanos").asLong()).isPositive();
        assertThat(run.err()).contains("mxfp4, 1 rows, flavour portable, 1 rows together: ");
        assertThat(folder.resolve("devices")).isDirectoryNotContaining("glob:**.partial");
        Files.writeString(file, "flavour = host");
        assertThat(
                withConf(folder, "--batch", "1", "--format", "mxfp4", "--n", "32", "--k", "64", "--seconds", "0",
                        "--wide").out())
                .contains("host kernels, because conf/devices/" + file.getFileName());
        Files.writeString(file, "flavour = fast");
        withConf(folder, "--format", "mxfp4").assertFailedWith(ExitCode.BAD_INPUT, file.getFileName().toString(),
                "flavour", "fast", "portable");
    }

    @Test
    void tuningShowsWhatItTried(@TempDir Path folder) {
        CommandRun run = withConf(folder, "--tune", "--n", "32", "--k", "64", "--seconds", "0");
        assertThat(run.exitCode()).as(run.err()).isEqualTo(ExitCode.DONE);
        assertThat(run.out()).contains("rows per block", "Before: flavour ", "Chosen: flavour ",
                "times as fast, written to ");
    }

    @Test
    void tuningNeedsAPlaceToWriteTo(@TempDir Path folder) {
        withConf(null, "--tune").assertFailedWith(ExitCode.BAD_USAGE, "--tune", "-Dquantado.conf");
        withConf(folder.resolve("no"), "--tune").assertFailedWith(ExitCode.BAD_INPUT,
                folder.resolve("no/devices").toString());
    }

    private static CommandRun withConf(Path folder, Object... options) {
        String before = System.getProperty(Conf.FOLDER_PROPERTY);
        set(folder == null ? null : folder.toString());
        try {
            List<Object> arguments = new ArrayList<>(List.of("bench"));
            arguments.addAll(List.of(options));
            return CommandRun.of(arguments.toArray());
        } finally {
            set(before);
        }
    }

    private static void set(String folder) {
        if (folder == null) {
            System.clearProperty(Conf.FOLDER_PROPERTY);
        } else {
            System.setProperty(Conf.FOLDER_PROPERTY, folder);
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"--op gemx | --op,gemx,GEMV", "--format fp3 | --format,fp3,mxfp4,int8_token",
            "--n 4 | --n and --k", "--n 0 --k 4 | --n,0,1048576", "--n 1000000 --k 1000000 | elements,2147483647",
            "--batch 0 | --batch,0", "--batch x | --batch,x", "--experts 4:5:64:32 | --experts,4:5:64:32,64:6",
            "--experts 4:2 | --experts,4:2", "--experts 100000:2:100000:9 | --experts,elements",
            "--op gemv --batch 4 | nothing to measure,gemv,4",
            "--op gemm --format fp8_token | nothing to measure,gemm,fp8_token",
            "--op quantize --n 4 --k 40 | --k,40,32", "--seconds -1 | --seconds,-1", "--seconds NaN | --seconds,NaN",
            "--tune --op gemv | --op,--tune",
            "--tune --n 4 | --n and --k"})
    void saysWhatCannotBeMeasured(String options, String words) {
        List<String> arguments = new ArrayList<>(List.of("bench"));
        arguments.addAll(List.of(options.split(" ")));
        CommandRun.of(arguments.toArray()).assertFailedWith(ExitCode.BAD_USAGE, words.split(","));
    }

    private static CommandRun bench(String... options) {
        List<Object> arguments = new ArrayList<>(List.of((Object[]) SMALL));
        arguments.addAll(List.of(options));
        return CommandRun.of(arguments.toArray());
    }

    private static List<String> subjects(JsonNode measured) {
        List<String> subjects = new ArrayList<>();
        for (JsonNode result : measured.path("results")) {
            JsonNode subject = result.path("subject");
            subjects.add(subject.path("op").asText() + " " + subject.path("format").asText() + " "
                    + subject.path("sizes") + " " + subject.path("rows").asInt());
        }
        return subjects;
    }
}
