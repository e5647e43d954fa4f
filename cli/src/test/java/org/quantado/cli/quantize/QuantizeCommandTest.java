package org.quantado.cli.quantize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

import javax.imageio.ImageIO;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.quantado.cli.CommandRun;
import org.quantado.cli.Golden;
import org.quantado.cli.SmallLlama;
import org.quantado.cli.report.ExitCode;
import org.quantado.kernels.codec.BFloat16;
import org.quantado.schemes.checkpoint.DType;
import org.quantado.schemes.checkpoint.SafetensorsFile;
import org.quantado.schemes.checkpoint.SafetensorsLayout;
import org.quantado.schemes.checkpoint.SafetensorsWriter;
import org.quantado.schemes.checkpoint.Shape;
import org.quantado.schemes.config.Target;
import org.quantado.schemes.quantize.LayerError;

import com.fasterxml.jackson.databind.JsonNode;

class QuantizeCommandTest {
    @TempDir
    private Path folder;
    private Path in;
    private Path out;

    @BeforeEach
    void writeCheckpoint() throws IOException {
        in = Files.createDirectory(folder.resolve("in"));
        out = folder.resolve("out");
        SmallLlama.write(in);
    }

    private CommandRun quantize(Object... options) {
        List<Object> arguments = new ArrayList<>(List.of("quantize", in, out));
        arguments.addAll(List.of(options));
        return CommandRun.of(arguments.toArray());
    }

    @Test
    void writesACheckpointThatInspectAccepts() {
        CommandRun run = quantize("--preset", "mxfp8");
        assertThat(run.exitCode()).as(run.err()).isEqualTo(ExitCode.DONE);
        assertThat(run.out()).contains("mxfp8-quantized", "group_0", out.toString());
        JsonNode layers = CommandRun.of("inspect", out, "--json").json().path("checkpoints").path(0).path("layers");
        assertThat(layers).hasSize(7)
                .allSatisfy(layer -> assertThat(layer.path("scheme").asText()).isEqualTo("CompressedTensorsW8A8Mxfp8"));
    }

    @Test
    void groupsGoBeforeThePreset() {
        JsonNode json = quantize("--group", "NVFP4A16=re:.*self_attn.*", "--group", "W8A16=re:.*(gate|up)_proj",
                "--preset", "W4A16", "--targets", "re:.*_proj", "--observer", "mse", "--json").json();
        assertThat(json.path("groups").findValuesAsText("format")).containsExactly("nvfp4-pack-quantized",
                "pack-quantized", "pack-quantized");
        assertThat(json.path("groups").findValuesAsText("layers")).containsExactly("4", "2", "1");
        JsonNode config = json(out.resolve("config.json")).path("quantization_config");
        assertThat(config.path("format").asText()).isEqualTo("mixed-precision");
        assertThat(config.path("config_groups").path("group_2").path("weights").path("observer").asText())
                .isEqualTo("memoryless_mse");
    }

    @Test
    @Tag("device")
    void takesExpertsOfGptOssApart() throws IOException {
        Path experts = writeExperts(folder.resolve("experts"));
        Path quantized = folder.resolve("quantized");
        Path x = folder.resolve("x.safetensors");
        write(x, Map.of("x", Shape.of(3, 64)));

        CommandRun run = CommandRun.of("quantize", experts, quantized, "--preset", "W8A8", "--json");

        assertThat(run.exitCode()).as(run.err()).isEqualTo(ExitCode.DONE);
        assertThat(run.json().path("layers").findValuesAsText("name")).hasSize(4 * 3)
                .contains("model.layers.0.mlp.experts.3.up_proj");
        JsonNode inspected = CommandRun.of("inspect", quantized, "--json").json().path("checkpoints").path(0);
        assertThat(inspected.path("problems")).isEmpty();
        assertThat(inspected.path("blocks").findValuesAsText("method"))
                .containsExactly("CompressedTensorsW8A8Int8MoEMethod");
        float[] expected = runExperts(experts, x);
        float[] actual = runExperts(quantized, x);
        double signal = 0;
        double noise = 0;
        for (int i = 0; i < expected.length; i++) {
            signal += expected[i] * (double) expected[i];
            noise += (actual[i] - expected[i]) * (double) (actual[i] - expected[i]);
        }
        assertThat(noise).isBetween(1e-8 * signal, 1e-3 * signal);
    }

    private static Path writeExperts(Path experts) throws IOException {
        String block = "model.layers.0.mlp.";
        Files.createDirectory(experts);
        write(experts.resolve("model.safetensors"), Map.of(block + "experts.gate_up_proj", Shape.of(4, 64, 64),
                block + "experts.gate_up_proj_bias", Shape.of(4, 64), block + "experts.down_proj", Shape.of(4, 32, 64),
                block + "experts.down_proj_bias", Shape.of(4, 64), block + "router.weight", Shape.of(4, 64),
                block + "router.bias", Shape.of(4)));
        Files.writeString(experts.resolve("config.json"), """
                {"model_type": "gpt_oss", "num_local_experts": 4, "num_experts_per_tok": 2}""");
        return experts;
    }

    /** Normal values, the same for a name each time. */
    private static void write(Path file, Map<String, Shape> tensors) throws IOException {
        SafetensorsLayout layout = new SafetensorsLayout();
        tensors.forEach((name, shape) -> layout.tensor(name, DType.BF16, shape));
        try (SafetensorsWriter writer = SafetensorsWriter.create(file, layout)) {
            for (Map.Entry<String, Shape> tensor : tensors.entrySet()) {
                Random random = new Random(tensor.getKey().hashCode());
                short[] values = new short[(int) tensor.getValue().elements()];
                for (int i = 0; i < values.length; i++) {
                    values[i] = BFloat16.fromFloat((float) random.nextGaussian());
                }
                writer.write(tensor.getKey(), MemorySegment.ofArray(values));
            }
            writer.commit();
        }
    }

    private float[] runExperts(Path checkpoint, Path x) {
        Path y = folder.resolve("y-" + checkpoint.getFileName());
        CommandRun run = CommandRun.of("run", checkpoint, "--layer", "model.layers.0.mlp", "--input", x, "--output", y,
                "--activations", "off");
        assertThat(run.exitCode()).as(run.err()).isEqualTo(ExitCode.DONE);
        try (SafetensorsFile file = SafetensorsFile.open(y)) {
            return file.tensor("y").requireShape(3, 64).toFloats();
        }
    }

    @Test
    void ignoredLayersAreLeftAlone() {
        JsonNode json = quantize("--preset", "W4A16", "--ignore", "lm_head, re:.*self_attn.*", "--json").json();
        assertThat(json.path("layers").findValuesAsText("name")).hasSize(3).allMatch(name -> name.contains("mlp"));
        assertThat(json.path("inputBytes").asLong()).isGreaterThan(json.path("outputBytes").asLong());
    }

    @Test
    void reportIsTheSameEachTime() throws IOException {
        assertThat(quantize("--preset", "W4A16", "--report", folder.resolve("report")).exitCode()).isZero();
        Path report = folder.resolve("report");
        JsonNode numbers = json(report.resolve("report.json"));
        assertThat(numbers.path("layers")).hasSize(7).allSatisfy(layer -> {
            assertThat(layer.path("sqnr").asDouble()).isBetween(10.0, 30.0);
            assertThat(layer.path("relativeError").asDouble()).isBetween(0.03, 0.32);
            assertThat(layer.path("relativeMaxError").asDouble() * layer.path("rms").asDouble())
                    .isCloseTo(layer.path("maxError").asDouble(), within(1e-6));
            assertThat(layer.path("worstChannels")).isNotEmpty();
            long weights = 0;
            for (JsonNode bin : layer.path("histogram")) {
                weights += bin.path("count").asLong();
            }
            assertThat(weights).isEqualTo(layer.path("rows").asLong() * layer.path("columns").asLong());
        });
        assertThat(Files.readString(report.resolve("index.html"))).contains("model.layers.0.mlp.down_proj",
                "pictures/sqnr.png", "pictures/00006.png", "W4A16 for Linear", "lm_head", "minmax",
                "quantado 0.1.0 on ", "width=device-width", " %)");
        assertThat(numbers.path("settings").path("presets").path(0).path("name").asText()).isEqualTo("W4A16");
        assertThat(numbers.path("inputBytes").asLong()).isGreaterThan(numbers.path("outputBytes").asLong());
        assertThat(ImageIO.read(report.resolve("pictures/sqnr.png").toFile()).getWidth()).isPositive();

        Path again = folder.resolve("again");
        CommandRun.of("quantize", in, Files.createDirectory(folder.resolve("other")).resolve("out"), "--preset",
                "W4A16", "--report", again);
        try (Stream<Path> files = Files.walk(report)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                assertThat(again.resolve(report.relativize(file))).hasSameBinaryContentAs(file);
            }
        }
    }

    @Test
    void requestsWithoutEffectAreWarnedOf() throws IOException {
        Path recorded = folder.resolve("recorded.safetensors");
        write(recorded, Map.of("a.x", Shape.of(1, 64)));
        CommandRun run = quantize("--preset", "W4A16", "--ignore", "nosuchlayer,model.layers.0.self_attn.o_prj",
                "--targets", "Linear,re:.*nothing", "--calibration", recorded, "--json");
        assertThat(run.exitCode()).as(run.err()).isEqualTo(ExitCode.DONE);
        assertThat(run.err().lines()).hasSize(4).allMatch(line -> line.startsWith("quantado: warning: "))
                .anyMatch(line -> line.endsWith("ignored: no layer matches 'nosuchlayer'"))
                .anyMatch(line -> line.contains("did you mean 'model.layers.0.self_attn.o_proj'?"))
                .anyMatch(line -> line.contains("target of W4A16: no layer matches 're:.*nothing'"))
                .anyMatch(line -> line.contains("calibration file is not used"));
        assertThat(run.json().path("warnings")).hasSize(4);
    }

    @Test
    void refusedRunsLeaveNoReportFolder() {
        Path report = folder.resolve("report");
        quantize("--preset", "NVFP4", "--report", report).assertFailedWith(ExitCode.BAD_USAGE, "calibration");
        assertThat(report).doesNotExist();
        assertThat(folder.resolve("out.partial")).doesNotExist();
    }

    @Test
    void histogramsOfAPageShareTheirAxes() {
        SortedMap<Float, Long> small = new TreeMap<>(Map.of(0f, 10L, 0x1p-9f, 90L));
        SortedMap<Float, Long> large = new TreeMap<>(Map.of(0x1p-3f, 50L, 0x1p-2f, 50L));
        ErrorPictures.Axes axes = ErrorPictures.Axes.of(List.of(
                new LayerError("a", "g", 10, 10, 1, 10, 1, List.of(), small, Optional.empty()),
                new LayerError("b", "g", 10, 10, 1, 10, 1, List.of(), large, Optional.empty())));
        assertThat(axes).isEqualTo(new ErrorPictures.Axes(-9, -2, 90));
    }

    @Test
    void algorithmsNeedAText() {
        quantize("--preset", "W4A16", "--algorithm", "gptq").assertFailedWith(ExitCode.BAD_USAGE, "--algorithm gptq",
                "--calibration with a text");
        quantize("--kv-cache", "fp8").assertFailedWith(ExitCode.BAD_USAGE, "--kv-cache", "--calibration with a text");
        quantize("--preset", "W4A16", "--algorithm", "awq+smoothquant").assertFailedWith(ExitCode.BAD_USAGE,
                "awq+smoothquant");
    }

    @Test
    void refusesWhatCannotBe() throws IOException {
        quantize().assertFailedWith(ExitCode.BAD_USAGE, "--preset", "NVFP4A16");
        quantize("--preset", "FP9").assertFailedWith(ExitCode.BAD_USAGE, "FP9", "W4A16");
        quantize("--group", "FP9=x").assertFailedWith(ExitCode.BAD_USAGE, "FP9", "W4A16");
        quantize("--group", "W4A16").assertFailedWith(ExitCode.BAD_USAGE, "W4A16", "PRESET=LAYERS");
        quantize("--preset", "NVFP4").assertFailedWith(ExitCode.BAD_USAGE, "NVFP4", "calibration file");
        quantize("--preset", "W4A16", "--targets", "re:(").assertFailedWith(ExitCode.BAD_USAGE, "re:(");
        quantize("--preset", "W4A16", "--report", in.resolve("report")).assertFailedWith(ExitCode.BAD_USAGE,
                "--report");
        CommandRun.of("quantize", folder.resolve("none"), out, "--preset", "W4A16")
                .assertFailedWith(ExitCode.BAD_INPUT, "none");
        Files.createDirectory(out);
        quantize("--preset", "W4A16").assertFailedWith(ExitCode.BAD_USAGE, "out", "exists");
        assertThat(out).isEmptyDirectory();
    }

    @Test
    void commasInExpressionsSeparateNothing() {
        assertThat(TargetList.parse("a, re:b{1,2}c(d,e)[,],,f").targets()).containsExactly(Target.of("a"),
                Target.of("re:b{1,2}c(d,e)[,]"), Target.of("f"));
        assertThat(TargetList.parse("").targets()).isEmpty();
    }

    private static JsonNode json(Path file) {
        return Golden.json(file);
    }
}
