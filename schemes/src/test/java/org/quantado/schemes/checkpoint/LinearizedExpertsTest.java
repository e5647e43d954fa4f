package org.quantado.schemes.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Every family's stacked experts are taken apart into the same matrices. */
class LinearizedExpertsTest {
    private static final String BLOCK = "model.layers.3.mlp";
    private static final int EXPERTS = 3;
    /** Twice as many as I, so that the stacked gates and ups are square and tell nothing by their shape. */
    private static final int HIDDEN = 6;
    private static final int INTERMEDIATE = 3;

    @TempDir
    private Path folder;

    /** What is expected of expert e, matrix m (gate, up, down), output n and input k; k is -1 for a bias. */
    private static float value(int e, int m, int n, int k) {
        return 1000 * e + 100 * m + 10 * n + k;
    }

    /** Output n of gates and ups as it is stacked: which matrix, and which of its outputs. */
    private static int[] stackedOutput(StackLayout layout, int output) {
        return layout == StackLayout.GPT_OSS
                ? new int[]{output % 2, output / 2}
                : new int[]{output / INTERMEDIATE, output % INTERMEDIATE};
    }

    private static boolean byColumns(StackLayout layout) {
        return layout == StackLayout.GPT_OSS || layout == StackLayout.LLAMA4;
    }

    private Path stacked(StackLayout layout, boolean biases) throws IOException {
        float[] gateUp = new float[EXPERTS * HIDDEN * 2 * INTERMEDIATE];
        float[] gateUpBias = new float[EXPERTS * 2 * INTERMEDIATE];
        float[] down = new float[EXPERTS * HIDDEN * INTERMEDIATE];
        float[] downBias = new float[EXPERTS * HIDDEN];
        for (int e = 0; e < EXPERTS; e++) {
            for (int output = 0; output < 2 * INTERMEDIATE; output++) {
                int[] of = stackedOutput(layout, output);
                gateUpBias[e * 2 * INTERMEDIATE + output] = value(e, of[0], of[1], -1);
                for (int k = 0; k < HIDDEN; k++) {
                    int index = byColumns(layout) ? k * 2 * INTERMEDIATE + output : output * HIDDEN + k;
                    gateUp[e * HIDDEN * 2 * INTERMEDIATE + index] = value(e, of[0], of[1], k);
                }
            }
            for (int n = 0; n < HIDDEN; n++) {
                downBias[e * HIDDEN + n] = value(e, 2, n, -1);
                for (int k = 0; k < INTERMEDIATE; k++) {
                    int index = byColumns(layout) ? k * HIDDEN + n : n * INTERMEDIATE + k;
                    down[e * HIDDEN * INTERMEDIATE + index] = value(e, 2, n, k);
                }
            }
        }
        String gateUpName = BLOCK + "." + layout.names().stackedGateUp();
        String downName = BLOCK + "." + layout.names().stackedDown();
        Map<String, float[]> values = new LinkedHashMap<>();
        SafetensorsLayout file = new SafetensorsLayout();
        add(file, values, gateUpName, gateUp, byColumns(layout)
                ? Shape.of(EXPERTS, HIDDEN, 2 * INTERMEDIATE)
                : Shape.of(EXPERTS, 2 * INTERMEDIATE, HIDDEN));
        add(file, values, downName, down, byColumns(layout)
                ? Shape.of(EXPERTS, INTERMEDIATE, HIDDEN)
                : Shape.of(EXPERTS, HIDDEN, INTERMEDIATE));
        if (biases) {
            add(file, values, gateUpName + "_bias", gateUpBias, Shape.of(EXPERTS, 2 * INTERMEDIATE));
            add(file, values, downName + "_bias", downBias, Shape.of(EXPERTS, HIDDEN));
        }
        return write(file, values);
    }

    private static void add(SafetensorsLayout file, Map<String, float[]> values, String name, float[] tensor,
            Shape shape) {
        file.tensor(name, DType.F32, shape);
        values.put(name, tensor);
    }

    private Path write(SafetensorsLayout layout, Map<String, float[]> values) throws IOException {
        Path path = folder.resolve("model.safetensors");
        try (SafetensorsWriter writer = SafetensorsWriter.create(path, layout)) {
            for (Map.Entry<String, float[]> tensor : values.entrySet()) {
                writer.write(tensor.getKey(), MemorySegment.ofArray(tensor.getValue()));
            }
            writer.commit();
        }
        return path;
    }

    @ParameterizedTest
    @EnumSource
    void expertsAreMatricesOfTheirOwn(StackLayout layout) throws IOException {
        try (Checkpoint checkpoint = Checkpoint.open(stacked(layout, true))) {
            LinearizedExperts stack = LinearizedExperts.of(checkpoint, layout).getFirst();
            assertThat(stack.block()).isEqualTo(BLOCK);
            for (int e = 0; e < EXPERTS; e++) {
                for (int m = 0; m < 3; m++) {
                    String module = BLOCK + ".experts." + e + "." + layout.modules().get(m);
                    int outputs = m == 2 ? HIDDEN : INTERMEDIATE;
                    int inputs = m == 2 ? INTERMEDIATE : HIDDEN;
                    Tensor weight = stack.tensor(module + ".weight").requireShape(outputs, inputs);
                    Tensor bias = stack.find(module + ".bias").orElseThrow().requireShape(outputs);
                    for (int n = 0; n < outputs; n++) {
                        assertThat(bias.floatAt(n)).isEqualTo(value(e, m, n, -1));
                        for (int k = 0; k < inputs; k++) {
                            assertThat(weight.floatAt(n * (long) inputs + k)).isEqualTo(value(e, m, n, k));
                        }
                    }
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void everyTensorIsSeenAsThatOfSingleExperts(StackLayout layout) throws IOException {
        try (Checkpoint checkpoint = Checkpoint.open(stacked(layout, true))) {
            LinearizedExperts stack = LinearizedExperts.of(checkpoint, layout).getFirst();
            List<TensorInfo> seen = checkpoint.infos().values().stream().flatMap(info -> stack.seenAs(info).stream())
                    .toList();
            assertThat(seen).hasSize(EXPERTS * 3 * 2);
            for (TensorInfo info : seen) {
                assertThat(stack.tensor(info.name()).shape()).as(info.name()).isEqualTo(info.shape());
                assertThat(stack.tensor(info.name()).data().byteSize()).isEqualTo(info.byteSize());
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void noOtherNamesAreExperts(StackLayout layout) throws IOException {
        try (Checkpoint checkpoint = Checkpoint.open(stacked(layout, false))) {
            LinearizedExperts stack = LinearizedExperts.of(checkpoint, layout).getFirst();
            String gate = layout.modules().getFirst();
            assertThat(stack.find(BLOCK + ".experts.0." + gate + ".weight")).isPresent();
            assertThat(stack.find(BLOCK + ".experts.0." + gate + ".bias")).isEmpty();
            assertThat(stack.find(BLOCK + ".experts." + EXPERTS + "." + gate + ".weight")).isEmpty();
            assertThat(stack.find(BLOCK + ".experts.0.other.weight")).isEmpty();
            assertThat(stack.find("model.layers.4.mlp.experts.0." + gate + ".weight")).isEmpty();
        }
    }

    @Test
    void theOtherLayoutsShapeIsRefused() throws IOException {
        try (Checkpoint checkpoint = Checkpoint.open(stacked(StackLayout.QWEN3_5, false))) {
            assertThatThrownBy(() -> LinearizedExperts.of(checkpoint, StackLayout.LLAMA4))
                    .isInstanceOf(CheckpointException.class)
                    .hasMessageContainingAll("experts.down_proj'", "[3, 6, 3]", "[3, 3, 6]");
        }
    }
}
