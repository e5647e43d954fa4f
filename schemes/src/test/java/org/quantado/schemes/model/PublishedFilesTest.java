package org.quantado.schemes.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.quantado.schemes.checkpoint.CheckpointException;
import org.quantado.schemes.checkpoint.DType;
import org.quantado.schemes.linear.Activations;
import org.quantado.schemes.linear.QuantizedLinear;
import org.quantado.schemes.linear.TensorParallel;
import org.quantado.schemes.model.StoredTensors.Stored;
import org.quantado.schemes.quantize.CheckpointQuantizer;
import org.quantado.schemes.quantize.Preset;
import org.quantado.schemes.quantize.QuantizationProgress;
import org.quantado.schemes.quantize.QuantizationRequest;

import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/** What published checkpoints have that the peer's own files do not: other types, leftovers, other facts in configs. */
@Tag("golden")
class PublishedFilesTest {
    private static final Path VALID = Path.of("src/test/resources/golden/linear");
    private static final String MODULE = "model.layers.0.self_attn.q_proj";
    private static final String ACT_ORDER = "wna16/w4_asym_group64_actorder";
    private static final String PACKED = "wna16/w4_group32_bias";
    /** Of the weight of {@link #PACKED}. */
    private static final int OUTPUTS = 48;
    private static final int INPUTS = 384;
    private static final int GROUPS = 12;
    private static final int ZEROS = 0x8888_8888;

    @TempDir
    private Path folder;
    private StoredTensors tensors;

    private void open(String name) throws IOException {
        tensors = StoredTensors.read(VALID.resolve(name).resolve("model.safetensors"));
        Files.copy(VALID.resolve(name).resolve("config.json"), folder.resolve("config.json"));
    }

    private float[] run() throws IOException {
        return run(MODULE, Activations.CONFIG);
    }

    private float[] run(String layer, Activations activations) throws IOException {
        tensors.write(folder.resolve("model.safetensors"));
        return runWritten(folder, layer, activations);
    }

    private static float[] runWritten(Path folder, String layer, Activations activations) {
        try (Model model = Model.open(folder)) {
            if (activations == Activations.CONFIG) {
                model.layer(layer).check();
            }
            return apply(model.layer(layer).load(activations));
        }
    }

    private static float[] apply(QuantizedLinear loaded) {
        try (QuantizedLinear linear = loaded) {
            FloatArray x = new FloatArray(2 * linear.spec().inputSizePerPartition());
            Random random = new Random(1);
            for (int i = 0; i < x.getSize(); i++) {
                x.set(i, (float) random.nextGaussian());
            }
            return linear.apply(x).toHeapArray();
        }
    }

    private void assertRefused(String... parts) throws IOException {
        tensors.write(folder.resolve("model.safetensors"));
        try (Model model = Model.open(folder)) {
            ModelLayer layer = model.layer(MODULE);
            assertThatThrownBy(layer::check).isInstanceOf(CheckpointException.class).message().contains(parts);
            assertThatThrownBy(() -> layer.load(Activations.CONFIG)).message().contains(parts);
        }
    }

    private void put(String name, DType dtype, List<Integer> shape, byte[] bytes) {
        tensors.put(MODULE + "." + name, dtype, shape, bytes);
    }

    @Test
    void dimensionsOfThirtyTwoBits() throws IOException {
        open(PACKED);
        float[] before = run();
        put("weight_shape", DType.I32, List.of(2), StoredTensors.ints(OUTPUTS, INPUTS));
        assertThat(run()).isEqualTo(before);
        put("weight_shape", DType.F32, List.of(2), StoredTensors.floats(OUTPUTS, INPUTS));
        assertRefused("weight_shape", "F32");
    }

    @Test
    void aGroupIndexThatWasNeverSetIsTheNaturalOrder() throws IOException {
        open(ACT_ORDER);
        put("weight_g_idx", DType.I32, List.of(256), groups(256, 64));
        float[] natural = run();
        put("weight_g_idx", DType.I32, List.of(256),
                StoredTensors.ints(IntStream.generate(() -> -1).limit(256).toArray()));
        assertThat(run()).isEqualTo(natural);
        int[] beyond = IntStream.range(0, 256).map(k -> k == 200 ? 4 : k / 64).toArray();
        put("weight_g_idx", DType.I32, List.of(256), StoredTensors.ints(beyond));
        assertRefused("weight_g_idx", "[0, 200] is 4", "0 to 3");
    }

    @Test
    void aGroupIndexThatNobodySpeaksOfMustBeInOrder() throws IOException {
        open(PACKED);
        float[] before = run();
        put("weight_g_idx", DType.I32, List.of(INPUTS), groups(INPUTS, INPUTS / GROUPS));
        assertThat(run()).isEqualTo(before);
        put("weight_g_idx", DType.I32, List.of(INPUTS), groups(INPUTS, INPUTS / GROUPS / 2));
        assertRefused("weight_g_idx", "[0, 16] is 1", "nothing of an order");
    }

    private static byte[] groups(int inputs, int size) {
        return StoredTensors.ints(IntStream.range(0, inputs).map(k -> k / size).toArray());
    }

    @Test
    void zeroPointsOfASymmetricWeightMustBeZero() throws IOException {
        open(PACKED);
        float[] before = run();
        int[] packed = new int[OUTPUTS / 8 * GROUPS];
        Arrays.fill(packed, ZEROS);
        put("weight_zero_point", DType.I32, List.of(OUTPUTS / 8, GROUPS), StoredTensors.ints(packed));
        assertThat(run()).isEqualTo(before);
        packed[packed.length - 1] = ZEROS + (1 << 28);
        put("weight_zero_point", DType.I32, List.of(OUTPUTS / 8, GROUPS), StoredTensors.ints(packed));
        assertRefused("weight_zero_point", "symmetric");
        byte[] codes = new byte[OUTPUTS * GROUPS];
        put("weight_zero_point", DType.I8, List.of(OUTPUTS, GROUPS), codes);
        assertThat(run()).isEqualTo(before);
        codes[7] = 1;
        put("weight_zero_point", DType.I8, List.of(OUTPUTS, GROUPS), codes);
        assertRefused("weight_zero_point", "symmetric");
    }

    @ParameterizedTest
    @ValueSource(strings = {"weight_scale_2", "weight_bias", "g_idx", "lora_A.weight", "k_scale", "output_scale",
            "weight_global_scale"})
    void aTensorThatIsNotUsedIsNamed(String name) throws IOException {
        open(PACKED);
        put(name, DType.F32, List.of(1), StoredTensors.floats(1));
        assertRefused(MODULE + "." + name, "does not use");
    }

    @Test
    void scalesOfCachesArePassedOver() throws IOException {
        open(PACKED);
        float[] before = run();
        put("q_scale", DType.F32, List.of(1), StoredTensors.floats(1));
        assertThat(run()).isEqualTo(before);
    }

    @Test
    void theOnlyOfCountedShardsNeedsNoIndex() throws IOException {
        open(PACKED);
        float[] before = run();
        Files.move(folder.resolve("model.safetensors"), folder.resolve("model-00001-of-00001.safetensors"));
        assertThat(runWritten(folder, MODULE, Activations.CONFIG)).isEqualTo(before);
    }

    @ParameterizedTest
    @ValueSource(strings = {"nvfp4/w4a4_m5_bias input_global_scale", "w8a8_fp8/tensor_static input_scale",
            "w8a8_int8/static_tensor_asym input_scale", "w8a8_int8/static_tensor_asym input_zero_point"})
    void whatActivationsNeedIsMissedOnlyWhereTheyAreQuantized(String caseAndTensor) throws IOException {
        String[] parts = caseAndTensor.split(" ", -1);
        open(parts[0]);
        float[] before = run(MODULE, Activations.OFF);
        tensors.remove(MODULE + "." + parts[1]);
        assertThat(run(MODULE, Activations.OFF)).isEqualTo(before);
        assertRefused(MODULE + "." + parts[1]);
    }

    /** Two copies of a layer that run as one. */
    private void fuse() {
        for (Stored tensor : List.copyOf(tensors.all())) {
            tensors.remove(tensor.name());
            for (String part : List.of("gate_proj", "up_proj")) {
                tensors.all().add(new Stored(tensor.name().replace("self_attn.q_proj", "mlp." + part), tensor.info(),
                        tensor.bytes()));
            }
        }
    }

    @Test
    void theLargerOfTwoInputScalesIsForBoth() throws IOException {
        open("w8a8_fp8/tensor_static");
        fuse();
        String gate = "model.layers.0.mlp.gate_proj.input_scale";
        String up = "model.layers.0.mlp.up_proj.input_scale";
        String fused = "model.layers.0.mlp.gate_up_proj";
        tensors.put(gate, DType.F32, List.of(1), StoredTensors.floats(0.03f));
        tensors.put(up, DType.F32, List.of(1), StoredTensors.floats(0.03f));
        float[] both = run(fused, Activations.CONFIG);
        tensors.put(gate, DType.F32, List.of(1), StoredTensors.floats(0.02f));
        assertThat(run(fused, Activations.CONFIG)).isEqualTo(both);
    }

    @Test
    void rangesOfInputsAreJoined() throws IOException {
        open("w8a8_int8/static_tensor_asym");
        fuse();
        String fused = "model.layers.0.mlp.gate_up_proj";
        calibrate("gate_proj", 0.02f, -128);
        calibrate("up_proj", 0.02f, 127);
        float[] joined = run(fused, Activations.CONFIG);
        float scale = (0.02f * 255 + 0.02f * 255) / 255;
        int zeroPoint = (int) (-128 + 0.02f * 255 / scale);
        calibrate("gate_proj", scale, zeroPoint);
        calibrate("up_proj", scale, zeroPoint);
        assertThat(run(fused, Activations.CONFIG)).isEqualTo(joined);
    }

    private void calibrate(String part, float scale, int zeroPoint) {
        String module = "model.layers.0.mlp." + part;
        tensors.put(module + ".input_scale", DType.F32, List.of(1), StoredTensors.floats(scale));
        tensors.put(module + ".input_zero_point", DType.I8, List.of(1), new byte[]{(byte) zeroPoint});
    }

    @Test
    void transformsOfOtherLayersAreNoMatter() throws IOException {
        open(PACKED);
        float[] before = run();
        transform("{\"targets\": [\"re:.*o_proj\"], \"location\": \"input\"}");
        assertThat(run()).isEqualTo(before);
        transform("{\"targets\": [\"Linear\"], \"location\": \"weight_output\"}");
        assertThat(run()).isEqualTo(before);
        transform("{\"targets\": [\"Linear\"], \"location\": \"input\", \"ignore\": \"" + MODULE + "\"}");
        assertThat(run()).isEqualTo(before);
        transform("{\"targets\": [\"Linear\"], \"location\": \"input\", \"ignore\": [\"lm_head\"]}");
        assertRefused(MODULE, "transform R of transform_config");
    }

    private void transform(String apply) throws IOException {
        Path config = folder.resolve("config.json");
        String text = Files.readString(VALID.resolve(PACKED).resolve("config.json"));
        String without = text.replaceFirst("\"transform_config\": *\\{\\},?", "");
        Files.writeString(config, without.replaceFirst("\"quant_method\"",
                "\"transform_config\": {\"config_groups\": {\"R\": {\"type\": \"hadamard\", \"apply\": [" + apply
                        + "]}}}, \"quant_method\""));
    }

    @Test
    void lastBlocksOfFp8ArePartial() throws IOException {
        Path quantized = folder.resolve("quantized");
        CheckpointQuantizer.quantize(Path.of("src/test/resources/golden/reports/fp8-block-k160"), quantized,
                QuantizationRequest.of(Preset.named("FP8_BLOCK")), QuantizationProgress.NONE);
        String mlp = "model.layers.0.mlp.";
        float[] gate = runWritten(quantized, mlp + "gate_proj", Activations.CONFIG);
        float[] up = runWritten(quantized, mlp + "up_proj", Activations.CONFIG);
        float[] fused = runWritten(quantized, mlp + "gate_up_proj", Activations.CONFIG);
        int outputs = gate.length / 2;
        for (int row = 0; row < 2; row++) {
            assertThat(Arrays.copyOfRange(fused, 2 * row * outputs, (2 * row + 1) * outputs))
                    .isEqualTo(Arrays.copyOfRange(gate, row * outputs, (row + 1) * outputs));
            assertThat(Arrays.copyOfRange(fused, (2 * row + 1) * outputs, (2 * row + 2) * outputs))
                    .isEqualTo(Arrays.copyOfRange(up, row * outputs, (row + 1) * outputs));
        }
        try (Model model = Model.open(quantized)) {
            ModelLayer down = model.layer(mlp + "down_proj");
            assertThatThrownBy(() -> down.load(TensorParallel.rows(1, 2), Activations.OFF, Optional.empty()))
                    .hasMessageContaining("reduce tensor_parallel_size");
            assertThatThrownBy(() -> model.layer(mlp + "gate_up_proj").load(TensorParallel.columns(0, 2),
                    Activations.OFF, Optional.empty())).hasMessageContaining("reduce tensor_parallel_size");
        }
    }
}
