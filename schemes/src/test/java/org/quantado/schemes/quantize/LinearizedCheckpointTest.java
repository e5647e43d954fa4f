package org.quantado.schemes.quantize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeSet;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.quantado.schemes.checkpoint.Checkpoint;
import org.quantado.schemes.checkpoint.CheckpointException;
import org.quantado.schemes.checkpoint.DType;
import org.quantado.schemes.checkpoint.LittleEndian;
import org.quantado.schemes.checkpoint.SafetensorsLayout;
import org.quantado.schemes.checkpoint.SafetensorsWriter;
import org.quantado.schemes.checkpoint.Shape;
import org.quantado.schemes.checkpoint.Tensor;
import org.quantado.schemes.config.Target;
import org.quantado.schemes.model.Model;
import org.quantado.schemes.model.ModelLayer;

/** Experts that are stacked in one tensor are quantized as if each were a layer of its own. */
class LinearizedCheckpointTest {
    private static final String BLOCK = "model.layers.0.mlp.";
    private static final String EXPERTS = BLOCK + "experts.";
    private static final int COUNT = 3;
    private static final int HIDDEN = 128;
    private static final int INTERMEDIATE = 256;
    private static final String CONFIG = """
            {"model_type": "gpt_oss", "num_local_experts": 3, "num_experts_per_tok": 2, "torch_dtype": "bfloat16"}""";

    @TempDir
    private Path folder;
    private Path stacked;

    @BeforeEach
    void writeStackedExperts() throws IOException {
        Map<String, Shape> first = new LinkedHashMap<>();
        first.put("model.layers.0.self_attn.o_proj.weight", Shape.of(HIDDEN, HIDDEN));
        first.put(EXPERTS + "gate_up_proj", Shape.of(COUNT, HIDDEN, 2 * INTERMEDIATE));
        first.put(EXPERTS + "down_proj_bias", Shape.of(COUNT, HIDDEN));
        Map<String, Shape> second = new LinkedHashMap<>();
        second.put(EXPERTS + "gate_up_proj_bias", Shape.of(COUNT, 2 * INTERMEDIATE));
        second.put(EXPERTS + "down_proj", Shape.of(COUNT, INTERMEDIATE, HIDDEN));
        second.put(BLOCK + "router.weight", Shape.of(COUNT, HIDDEN));
        second.put(BLOCK + "router.bias", Shape.of(COUNT));
        stacked = SyntheticCheckpoint.of(folder.resolve("stacked"), DType.BF16, 5, List.of(first, second));
        Files.writeString(stacked.resolve("config.json"), CONFIG);
    }

    /** The same numbers, with a tensor for each matrix and bias of each expert. */
    private Path single() throws IOException {
        Path single = Files.createDirectory(folder.resolve("single"));
        Files.writeString(single.resolve("config.json"), CONFIG);
        Map<String, short[]> values = new LinkedHashMap<>();
        Map<String, Shape> shapes = new LinkedHashMap<>();
        try (Checkpoint checkpoint = Checkpoint.open(stacked)) {
            for (String name : checkpoint.names()) {
                Tensor tensor = checkpoint.tensor(name);
                if (!name.startsWith(EXPERTS)) {
                    shapes.put(name, tensor.shape());
                    values.put(name, values(tensor, IntStream.range(0, (int) tensor.elements()).toArray()));
                }
            }
            for (int e = 0; e < COUNT; e++) {
                int expert = e;
                for (int odd = 0; odd < 2; odd++) {
                    int up = odd;
                    String matrix = EXPERTS + e + (up == 0 ? ".gate_proj" : ".up_proj");
                    shapes.put(matrix + ".weight", Shape.of(INTERMEDIATE, HIDDEN));
                    values.put(matrix + ".weight", values(checkpoint.tensor(EXPERTS + "gate_up_proj"),
                            indices(INTERMEDIATE, HIDDEN,
                                    (n, k) -> (expert * HIDDEN + k) * 2 * INTERMEDIATE + 2 * n + up)));
                    shapes.put(matrix + ".bias", Shape.of(INTERMEDIATE));
                    values.put(matrix + ".bias", values(checkpoint.tensor(EXPERTS + "gate_up_proj_bias"),
                            indices(INTERMEDIATE, 1, (n, k) -> expert * 2 * INTERMEDIATE + 2 * n + up)));
                }
                String down = EXPERTS + e + ".down_proj";
                shapes.put(down + ".weight", Shape.of(HIDDEN, INTERMEDIATE));
                values.put(down + ".weight", values(checkpoint.tensor(EXPERTS + "down_proj"),
                        indices(HIDDEN, INTERMEDIATE, (n, k) -> (expert * INTERMEDIATE + k) * HIDDEN + n)));
                shapes.put(down + ".bias", Shape.of(HIDDEN));
                values.put(down + ".bias", values(checkpoint.tensor(EXPERTS + "down_proj_bias"),
                        indices(HIDDEN, 1, (n, k) -> expert * HIDDEN + n)));
            }
        }
        SafetensorsLayout layout = new SafetensorsLayout();
        shapes.forEach((name, shape) -> layout.tensor(name, DType.BF16, shape));
        try (SafetensorsWriter writer = SafetensorsWriter.create(single.resolve("model.safetensors"), layout)) {
            for (Map.Entry<String, short[]> tensor : values.entrySet()) {
                writer.write(tensor.getKey(), MemorySegment.ofArray(tensor.getValue()));
            }
            writer.commit();
        }
        return single;
    }

    /** Where the element {@code [n, k]} of a matrix is. */
    @FunctionalInterface
    private interface Index {
        int of(int n, int k);
    }

    private static int[] indices(int rows, int columns, Index index) {
        return IntStream.range(0, rows * columns).map(i -> index.of(i / columns, i % columns)).toArray();
    }

    private static short[] values(Tensor tensor, int[] indices) {
        short[] values = new short[indices.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = tensor.data().getAtIndex(LittleEndian.SHORT, indices[i]);
        }
        return values;
    }

    private Path quantize(Path in, String name, QuantizationRequest request) throws IOException {
        Path out = folder.resolve(name);
        CheckpointQuantizer.quantize(in, out, request, QuantizationProgress.NONE);
        return out;
    }

    @ParameterizedTest
    @ValueSource(strings = {"MXFP4", "NVFP4A16", "W4A16", "W4A16_ASYM", "W8A8", "FP8_BLOCK"})
    void sameAsExpertsThatWereSingle(String preset) throws IOException {
        QuantizationRequest request = QuantizationRequest.of(Preset.named(preset));
        Path fromStacked = quantize(stacked, "out1", request);
        Path fromSingle = quantize(single(), "out2", request);
        try (Checkpoint actual = Checkpoint.open(fromStacked); Checkpoint expected = Checkpoint.open(fromSingle)) {
            assertThat(new TreeSet<>(actual.names())).isEqualTo(new TreeSet<>(expected.names()));
            assertThat(actual.names()).noneMatch(name -> name.endsWith("gate_up_proj"));
            for (String name : expected.names()) {
                assertThat(actual.tensor(name).dtype()).isEqualTo(expected.tensor(name).dtype());
                assertThat(actual.tensor(name).shape()).isEqualTo(expected.tensor(name).shape());
                assertThat(actual.tensor(name).data().mismatch(expected.tensor(name).data())).as(name).isEqualTo(-1);
            }
        }
        assertThat(fromStacked.resolve("config.json")).hasSameTextualContentAs(fromSingle.resolve("config.json"));
    }

    @Test
    void patternsAreOfSingleExperts() throws IOException {
        QuantizationRequest request = new QuantizationRequest(List.of(
                new QuantizationRequest.Assignment(Preset.named("W8A16"),
                        List.of(Target.of("re:.*experts.*down_proj"))),
                new QuantizationRequest.Assignment(Preset.named("W4A16"), List.of(Target.of("Linear")))),
                List.of(Target.of("re:.*experts\\.1\\..*")), Observer.MINMAX, Optional.empty());
        try (Checkpoint out = Checkpoint.open(quantize(stacked, "out", request));
                Checkpoint in = Checkpoint.open(stacked)) {
            assertThat(out.tensor(EXPERTS + "0.down_proj.weight_packed").shape())
                    .isEqualTo(Shape.of(HIDDEN, INTERMEDIATE / 4));
            assertThat(out.tensor(EXPERTS + "2.up_proj.weight_packed").shape())
                    .isEqualTo(Shape.of(INTERMEDIATE, HIDDEN / 8));
            Tensor ignored = out.tensor(EXPERTS + "1.up_proj.weight").requireShape(INTERMEDIATE, HIDDEN);
            assertThat(ignored.floatAt(HIDDEN + 3)).isEqualTo(
                    in.tensor(EXPERTS + "gate_up_proj").floatAt((HIDDEN + 3) * 2 * INTERMEDIATE + 3));
            assertThat(out.find(EXPERTS + "1.up_proj.weight_packed")).isEmpty();
        }
    }

    @Test
    void expertsThatAreAllIgnoredStayStacked() throws IOException {
        QuantizationRequest request = new QuantizationRequest(List.of(
                new QuantizationRequest.Assignment(Preset.named("W4A16"), List.of(Target.of("Linear")))),
                List.of(Target.of("re:.*experts.*")), Observer.MINMAX, Optional.empty());
        try (Checkpoint out = Checkpoint.open(quantize(stacked, "out", request));
                Checkpoint in = Checkpoint.open(stacked)) {
            assertThat(out.names()).filteredOn(name -> name.startsWith(EXPERTS))
                    .containsExactlyInAnyOrderElementsOf(
                            in.names().stream().filter(name -> name.startsWith(EXPERTS)).toList());
            String gateUp = EXPERTS + "gate_up_proj";
            assertThat(out.tensor(gateUp).data().mismatch(in.tensor(gateUp).data())).isEqualTo(-1);
        }
    }

    @Test
    void goesOnWhereItWasStopped() throws IOException {
        QuantizationRequest request = QuantizationRequest.of(Preset.named("NVFP4A16"));
        Path whole = quantize(stacked, "whole", request);
        List<String> tensors = new ArrayList<>();
        Path out = folder.resolve("out");
        QuantizationProgress stop = new QuantizationProgress() {
            @Override
            public void begin(long bytes) {
                assertThat(bytes).isPositive();
            }

            @Override
            public void advance(String tensor, long bytes) {
                tensors.add(tensor);
                if (tensor.equals(EXPERTS + "1.down_proj.weight")) {
                    throw new IllegalStateException("stop");
                }
            }
        };
        assertThatThrownBy(() -> CheckpointQuantizer.quantize(stacked, out, request, stop)).hasMessage("stop");
        assertThat(tensors).contains(EXPERTS + "2.up_proj.weight", EXPERTS + "0.down_proj.bias");

        QuantizationResult result = CheckpointQuantizer.quantize(stacked, out, request, QuantizationProgress.NONE);

        assertThat(result.layersDoneBefore()).isPositive();
        assertThat(result.layers()).hasSize(1 + COUNT * 3);
        for (int shard = 1; shard <= 2; shard++) {
            String name = "model-0000" + shard + "-of-00002.safetensors";
            assertThat(out.resolve(name)).hasSameBinaryContentAs(whole.resolve(name));
        }
    }

    @Test
    void contradictionsAreRefused() throws IOException {
        assertRefused(Map.of(EXPERTS + "gate_up_proj", Shape.of(COUNT, HIDDEN, 2 * INTERMEDIATE)), "down_proj");
        assertRefused(Map.of(EXPERTS + "gate_up_proj", Shape.of(COUNT, HIDDEN)),
                "[experts, hidden, 2 * intermediate]");
        Map<String, Shape> whole = Map.of(EXPERTS + "gate_up_proj", Shape.of(COUNT, HIDDEN, 2 * INTERMEDIATE),
                EXPERTS + "down_proj", Shape.of(COUNT, INTERMEDIATE, HIDDEN));
        assertRefused(with(whole, EXPERTS + "gate_up_proj_bias", Shape.of(COUNT, INTERMEDIATE)),
                "gate_up_proj_bias", "shape [3, 256]", "[3, 512]");
        assertRefused(with(whole, EXPERTS + "1.up_proj.weight", Shape.of(INTERMEDIATE, HIDDEN)),
                "experts.1.up_proj.weight' is there, too");
    }

    private static Map<String, Shape> with(Map<String, Shape> tensors, String name, Shape shape) {
        Map<String, Shape> more = new LinkedHashMap<>(tensors);
        more.put(name, shape);
        return more;
    }

    private void assertRefused(Map<String, Shape> tensors, String... parts) throws IOException {
        Path in = SyntheticCheckpoint.of(folder.resolve("wrong"), DType.BF16, 1, List.of(tensors));
        Files.writeString(in.resolve("config.json"), CONFIG);
        assertThatThrownBy(() -> quantize(in, "out", QuantizationRequest.of(Preset.named("MXFP4"))))
                .isInstanceOf(CheckpointException.class).message().contains(parts).doesNotContain("\n");
        Files.delete(in.resolve("model-00001-of-00001.safetensors"));
        assertThat(folder.resolve("out")).doesNotExist();
    }

    @ParameterizedTest
    @CsvSource({"llama4, experts.gate_up_proj, experts.down_proj, true, gate_proj up_proj down_proj",
            "qwen3_5_moe, experts.gate_up_proj, experts.down_proj, false, gate_proj up_proj down_proj",
            "granitemoe, input_linear.weight, output_linear.weight, false, w1 w3 w2"})
    void everyFamilysExpertsBecomeLayers(String modelType, String gateUp, String down, boolean byColumns,
            String modules) throws IOException {
        Path in = SyntheticCheckpoint.of(folder.resolve("in"), DType.BF16, 1, List.of(Map.of(
                BLOCK + gateUp, byColumns ? Shape.of(2, 64, 2 * 96) : Shape.of(2, 2 * 96, 64),
                BLOCK + down, byColumns ? Shape.of(2, 96, 64) : Shape.of(2, 64, 96))));
        Files.writeString(in.resolve("config.json"), "{\"model_type\": \"" + modelType + "\"}");
        List<String> expected = IntStream.range(0, 2).boxed().flatMap(expert -> Stream.of(modules.split(" "))
                .map(module -> EXPERTS + expert + "." + module)).toList();

        CheckpointQuantizer.quantize(in, folder.resolve("out"), QuantizationRequest.of(Preset.named("FP8_DYNAMIC")),
                QuantizationProgress.NONE);

        try (Model model = Model.open(folder.resolve("out"))) {
            assertThat(model.layers()).extracting(ModelLayer::name).containsExactlyInAnyOrderElementsOf(expected);
            assertThat(model.checkpoint().names()).hasSize(2 * expected.size());
            model.layers().forEach(ModelLayer::check);
        }
    }

    @Test
    void stacksOfUnknownFamiliesAreRefused() throws IOException {
        Path in = SyntheticCheckpoint.of(folder.resolve("unknown"), DType.BF16, 1, List.of(Map.of(
                BLOCK + "o_proj.weight", Shape.of(64, 64), BLOCK + "experts.mlp.w1", Shape.of(256, 64))));
        assertThatThrownBy(() -> quantize(in, "out", QuantizationRequest.of(Preset.named("FP8_DYNAMIC"))))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContainingAll(BLOCK + "experts.mlp.w1", "experts in one tensor");
    }

    @Test
    void columnsThatAreNoWholeGroupsAreNamedWithTheExpert() throws IOException {
        Path in = SyntheticCheckpoint.of(folder.resolve("odd"), DType.BF16, 1, List.of(Map.of(
                EXPERTS + "gate_up_proj", Shape.of(COUNT, 64, 256), EXPERTS + "down_proj", Shape.of(COUNT, 128, 64))));
        Files.writeString(in.resolve("config.json"), CONFIG);
        assertThatThrownBy(() -> quantize(in, "out", QuantizationRequest.of(Preset.named("W4A16"))))
                .isInstanceOf(CheckpointException.class).message()
                .contains(
                        "'model.layers.0.mlp.experts.0.gate_proj.weight' in 'model.layers.0.mlp.experts.gate_up_proj'",
                        "64 columns", "a multiple of 128");
    }

    @Test
    void columnsOfEveryWidthBecomeRows() throws IOException {
        for (DType dtype : List.of(DType.I8, DType.BF16, DType.F32, DType.I64)) {
            Path file = folder.resolve(dtype + ".safetensors");
            int rows = 5;
            int columns = 131;
            byte[] bytes = new byte[(int) dtype.byteSize(rows * (long) columns)];
            new Random(1).nextBytes(bytes);
            try (SafetensorsWriter writer = SafetensorsWriter.create(file,
                    new SafetensorsLayout().tensor("t", dtype, Shape.of(rows, columns)))) {
                writer.write("t", MemorySegment.ofArray(bytes));
                writer.commit();
            }
            try (Checkpoint checkpoint = Checkpoint.open(file); Arena arena = Arena.ofShared()) {
                Tensor turned = checkpoint.tensor("t").columnsAsRows(1, 3, 44, arena).requireShape(44, rows);
                int width = (int) dtype.byteSize(1);
                for (int column = 0; column < 44; column++) {
                    for (int row = 0; row < rows; row++) {
                        long from = (row * columns + 1 + 3L * column) * width;
                        assertThat(MemorySegment.mismatch(turned.data(), (column * rows + row) * (long) width,
                                (column * rows + row + 1) * (long) width, MemorySegment.ofArray(bytes), from,
                                from + width)).isEqualTo(-1);
                    }
                }
            }
        }
    }
}
