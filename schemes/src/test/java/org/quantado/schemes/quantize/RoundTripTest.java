package org.quantado.schemes.quantize;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import org.quantado.kernels.codec.E2M1;
import org.quantado.kernels.codec.E4M3;
import org.quantado.kernels.codec.E8M0Rule;
import org.quantado.kernels.codec.ModelDtype;
import org.quantado.kernels.matmul.LinearWeight;
import org.quantado.kernels.reference.IntBlocks;
import org.quantado.kernels.reference.IntQuantization;
import org.quantado.kernels.reference.MxQuantization;
import org.quantado.schemes.checkpoint.Checkpoint;
import org.quantado.schemes.checkpoint.DType;
import org.quantado.schemes.checkpoint.Shape;
import org.quantado.schemes.checkpoint.Tensor;
import org.quantado.schemes.config.QuantizationArgs;
import org.quantado.schemes.config.QuantizationType;
import org.quantado.schemes.config.Target;
import org.quantado.schemes.linear.Activations;
import org.quantado.schemes.linear.QuantizedLinear;
import org.quantado.schemes.model.Model;
import org.quantado.schemes.model.ModelLayer;
import org.quantado.schemes.select.Selection;

/** Checkpoints quantized here are read here, and hold what plain Java makes of the weights. */
class RoundTripTest {
    /** Presets of compressed-tensors that are run here, but not by vLLM. */
    private static final Set<String> RUN_HERE = Set.of("W2A8", "W3A8", "W5A8", "W6A8", "W7A8", "W2A4",
            "W3A4", "W4A4");
    /** Presets with static scales of activations. */
    private static final Set<String> CALIBRATED = Set.of("FP8", "NVFP4");
    private static final List<List<String>> TOGETHER = List.of(List.of("q_proj", "k_proj", "v_proj"),
            List.of("gate_proj", "up_proj"));
    private static final int BLOCK = 128;

    @TempDir
    Path folder;

    @TestFactory
    Stream<DynamicTest> everyPreset() throws IOException {
        Path in = SyntheticCheckpoint.llama(folder.resolve("in"), DType.BF16, 1);
        return Preset.names().stream()
                .map(name -> DynamicTest.dynamicTest(name, () -> check(in, Preset.named(name))));
    }

    private void check(Path in, Preset preset) throws IOException {
        Path out = folder.resolve(preset.name());
        QuantizationRequest request = QuantizationRequest.of(preset);
        QuantizationResult result = CheckpointQuantizer.quantize(in, out, CALIBRATED.contains(preset.name())
                ? request.calibratedBy(SyntheticCheckpoint.inputs(folder))
                : request, QuantizationProgress.NONE);

        assertThat(result.layers()).extracting(LayerError::layer)
                .containsExactlyInAnyOrderElementsOf(SyntheticCheckpoint.LAYERS);
        if (RUN_HERE.contains(preset.name())) {
            assertThat(result.warnings()).hasSize(1).first(InstanceOfAssertFactories.STRING)
                    .startsWith("vLLM has no scheme");
        } else {
            assertThat(result.warnings()).isEmpty();
        }
        try (Model model = Model.open(out); Checkpoint original = Checkpoint.open(in)) {
            for (ModelLayer layer : model.layers()) {
                if (!SyntheticCheckpoint.LAYERS.contains(layer.name())) {
                    assertThat(layer.selection()).isInstanceOf(Selection.Unquantized.class);
                    assertSame(model.checkpoint().tensor(layer.name() + ".weight"),
                            original.tensor(layer.name() + ".weight"));
                } else {
                    layer.check();
                    compare(layer, original, preset);
                }
            }
        }
    }

    private static void compare(ModelLayer layer, Checkpoint original, Preset preset) {
        Tensor weight = original.tensor(layer.name() + ".weight");
        int columns = (int) weight.shape().dimension(1);
        double[] expected = oracle(weight, preset, globalAmax(layer.name(), original));
        try (QuantizedLinear linear = layer.load(Activations.OFF)) {
            LinearWeight quantized = linear.weight();
            for (int row = 0; row < weight.shape().dimension(0); row++) {
                double[] values = quantized.row(row);
                for (int k = 0; k < columns; k++) {
                    assertThat(values[k]).as("%s[%d, %d]", layer.name(), row, k)
                            .isEqualTo(expected[row * columns + k]);
                }
            }
        }
    }

    private static double[] oracle(Tensor tensor, Preset preset, float globalAmax) {
        float[] weight = tensor.toFloats();
        int columns = (int) tensor.shape().dimension(1);
        QuantizationArgs args = preset.group("group_0", List.of(Target.of("Linear"))).weights().orElseThrow();
        if (args.type() == QuantizationType.INT) {
            int blockSize = args.groupSize().orElse(columns);
            IntBlocks blocks = new IntQuantization(args.numBits(), args.symmetric(), ModelDtype.BF16)
                    .quantize(weight, blockSize);
            return values(weight.length, i -> (blocks.codes()[i] - blocks.zeroPoints()[i / blockSize])
                    * (double) blocks.scales()[i / blockSize]);
        }
        boolean fp4 = args.numBits() == 4;
        return switch (args.strategy()) {
            case GROUP -> {
                MxQuantization mx = new MxQuantization(
                        fp4 ? MxQuantization.Element.E2M1_CODE : MxQuantization.Element.E4M3_CODE,
                        fp4 ? E8M0Rule.EVEN_E2M1 : E8M0Rule.EVEN_E4M3);
                float[] decoded = mx.dequantize(mx.quantize(weight));
                yield values(weight.length, i -> decoded[i]);
            }
            case TENSOR_GROUP -> nvfp4(weight, columns, 1 / globalAmax * (448 * 6));
            default -> fp8(weight, columns, args);
        };
    }

    private static double[] nvfp4(float[] weight, int columns, float globalScale) {
        float[] amax = amax(weight, columns, 1, 16);
        return values(weight.length, i -> {
            float scale = globalScale * ModelDtype.BF16.round(amax[i] / 6);
            float rounded = E4M3.decode(E4M3.encode(scale, E4M3.Overflow.SATURATE));
            float used = rounded == 0 ? 0.125f : rounded;
            return E2M1.decode(E2M1.encode(weight[i] / (used / globalScale)))
                    * (double) (used * (1 / globalScale));
        });
    }

    private static double[] fp8(float[] weight, int columns, QuantizationArgs args) {
        int rows = weight.length / columns;
        float[] amax = switch (args.strategy()) {
            case TENSOR -> amax(weight, columns, rows, columns);
            case CHANNEL -> amax(weight, columns, 1, columns);
            default -> amax(weight, columns, BLOCK, BLOCK);
        };
        return values(weight.length, i -> {
            float scale = ModelDtype.BF16.round(amax[i] / 448);
            float used = scale == 0 ? ModelDtype.BF16.epsilon() : scale;
            float steps = ModelDtype.BF16.round(weight[i] / used);
            return E4M3.decode(E4M3.encode(steps, E4M3.Overflow.SATURATE)) * (double) used;
        });
    }

    /** For each weight the largest magnitude in its block. */
    private static float[] amax(float[] weight, int columns, int blockRows, int blockColumns) {
        Map<List<Integer>, Float> blocks = new HashMap<>();
        float[] amax = new float[weight.length];
        for (int pass = 0; pass < 2; pass++) {
            for (int i = 0; i < weight.length; i++) {
                List<Integer> block = List.of(i / columns / blockRows, i % columns / blockColumns);
                amax[i] = blocks.merge(block, Math.abs(weight[i]), Math::max);
            }
        }
        return amax;
    }

    /** That of all weights that share a global scale. */
    private static float globalAmax(String layer, Checkpoint original) {
        String parent = layer.substring(0, layer.lastIndexOf('.') + 1);
        String last = layer.substring(parent.length());
        List<String> together = TOGETHER.stream().filter(parts -> parts.contains(last)).findFirst()
                .orElse(List.of(last));
        float amax = 0;
        for (String part : together) {
            float[] values = original.tensor(parent + part + ".weight").toFloats();
            amax = Math.max(amax, amax(values, values.length, 1, values.length)[0]);
        }
        return amax;
    }

    private static double[] values(int length, IntToDoubleFunction value) {
        return IntStream.range(0, length).mapToDouble(value).toArray();
    }

    private static void assertSame(Tensor actual, Tensor expected) {
        assertThat(actual.dtype()).isEqualTo(expected.dtype());
        assertThat(actual.shape()).isEqualTo(expected.shape());
        assertThat(actual.data().mismatch(expected.data())).as(expected.name()).isEqualTo(-1);
    }

    @Test
    void otherFilesAreCopied() throws IOException {
        Path in = SyntheticCheckpoint.llama(folder.resolve("in"), DType.F16, 1);
        Files.writeString(in.resolve("pytorch_model.bin"), "the same weights again");
        Files.createDirectories(in.resolve(".git"));
        Files.writeString(in.resolve(".git/HEAD"), "");
        Path out = folder.resolve("out");

        QuantizationResult result = CheckpointQuantizer.quantize(in, out, QuantizationRequest.of(Preset.named("w4a16")),
                QuantizationProgress.NONE);

        assertThat(result.leftOut()).containsExactly(Map.entry(".git", "hidden"),
                Map.entry("pytorch_model.bin", "weights in another form"));
        assertThat(out.resolve("chat/template.jinja")).hasSameBinaryContentAs(in.resolve("chat/template.jinja"));
        try (Stream<Path> files = Files.list(out)) {
            assertThat(files.map(file -> file.getFileName().toString())).containsExactlyInAnyOrder("chat",
                    "config.json", "model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors",
                    "model.safetensors.index.json", "tokenizer.json");
        }
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files).containsExactlyInAnyOrder(in, out);
        }
    }

    @Test
    void routersAreLeftAloneAndExpertsAreNot() throws IOException {
        String mlp = "model.layers.0.mlp.";
        Path in = SyntheticCheckpoint.of(folder.resolve("in"), DType.BF16, 4, List.of(
                Map.of(mlp + "gate.weight", Shape.of(4, 128), mlp + "experts.0.up_proj.weight", Shape.of(32, 128))));
        Path out = folder.resolve("out");

        QuantizationResult result = CheckpointQuantizer.quantize(in, out, QuantizationRequest.of(Preset.named("MXFP8")),
                QuantizationProgress.NONE);

        assertThat(result.layers()).extracting(LayerError::layer).containsExactly(mlp + "experts.0.up_proj");
        assertThat(result.config().ignore()).containsExactly(Target.of("lm_head"), Target.of(mlp + "gate"));
    }
}
