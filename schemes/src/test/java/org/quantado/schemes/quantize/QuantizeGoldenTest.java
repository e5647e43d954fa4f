package org.quantado.schemes.quantize;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import org.quantado.kernels.codec.BFloat16;
import org.quantado.kernels.codec.ModelDtype;
import org.quantado.schemes.Golden;
import org.quantado.schemes.checkpoint.Checkpoint;
import org.quantado.schemes.checkpoint.DType;
import org.quantado.schemes.checkpoint.SafetensorsFile;
import org.quantado.schemes.checkpoint.SafetensorsLayout;
import org.quantado.schemes.checkpoint.SafetensorsWriter;
import org.quantado.schemes.checkpoint.Shape;
import org.quantado.schemes.checkpoint.Tensor;
import org.quantado.schemes.config.ConfigGroup;
import org.quantado.schemes.config.ModelConfig;
import org.quantado.schemes.config.QuantizationConfig;
import org.quantado.schemes.config.Target;
import org.quantado.schemes.quantize.QuantizationRequest.Assignment;

/** What compressed-tensors made of the same weights, to the byte. */
@Tag("golden")
class QuantizeGoldenTest {
    private static final String QUANTIZED = "_mixed";
    private static final String INPUT_GLOBAL_SCALE = ".input_global_scale";

    @TempDir
    Path folder;

    @TestFactory
    Stream<DynamicTest> checkpointsAreThoseOfThePeer() {
        return Golden.tests("checkpoint before and after quantization", QuantizeGoldenTest::isQuantizedPair,
                this::compareCheckpoint);
    }

    private static boolean isQuantizedPair(Path path) {
        return !Golden.isBad(path) && path.getFileName().toString().endsWith(QUANTIZED)
                && Files.exists(unquantized(path).resolve(Checkpoint.CONFIG_FILE_NAME));
    }

    private static Path unquantized(Path quantized) {
        return quantized.resolveSibling(quantized.getFileName().toString().replace(QUANTIZED, "_bf16"));
    }

    private void compareCheckpoint(Path expected) throws IOException {
        Path out = folder.resolve(expected.getFileName());
        CheckpointQuantizer.quantize(unquantized(expected), out, request(expected), QuantizationProgress.NONE);

        JsonNode config = Golden.json(expected.resolve(Checkpoint.CONFIG_FILE_NAME));
        assertThat(Golden.json(out.resolve(Checkpoint.CONFIG_FILE_NAME))).isEqualTo(config);
        try (Checkpoint peer = Checkpoint.open(expected); Checkpoint ours = Checkpoint.open(out)) {
            assertThat(ours.names()).containsExactlyInAnyOrderElementsOf(peer.names());
            for (String name : peer.names()) {
                assertThat(ours.tensor(name).dtype()).as(name).isEqualTo(peer.tensor(name).dtype());
                assertThat(ours.tensor(name).shape()).as(name).isEqualTo(peer.tensor(name).shape());
                assertSame(ours.tensor(name).data(), peer.tensor(name));
            }
            if (peer.files().size() == 1) {
                assertThat(out.resolve(Checkpoint.SINGLE_FILE_NAME))
                        .hasSameBinaryContentAs(peer.files().getFirst().path());
            }
        }
    }

    /** The presets that the peer's config tells, and calibration data that give its scales of inputs. */
    private QuantizationRequest request(Path expected) throws IOException {
        QuantizationConfig config = ModelConfig.read(expected.resolve(Checkpoint.CONFIG_FILE_NAME)).quantization()
                .orElseThrow();
        List<Assignment> assignments = new ArrayList<>();
        for (ConfigGroup group : config.groups()) {
            assignments.add(new Assignment(presetOf(group), group.targets()));
        }
        return new QuantizationRequest(assignments, config.ignore(), Observer.MINMAX,
                Optional.of(calibration(expected)));
    }

    private static Preset presetOf(ConfigGroup group) {
        return Preset.names().stream().map(Preset::named).filter(preset -> {
            ConfigGroup candidate = preset.group(group.name(), group.targets());
            return candidate.weights().equals(group.weights())
                    && candidate.inputActivations().equals(group.inputActivations());
        }).findFirst().orElseThrow();
    }

    /** For each scale of inputs one input, of the magnitude that gives this scale. */
    private Path calibration(Path expected) throws IOException {
        SafetensorsLayout layout = new SafetensorsLayout();
        Path file = folder.resolve(expected.getFileName() + ".safetensors");
        try (Checkpoint peer = Checkpoint.open(expected); Arena arena = Arena.ofConfined()) {
            List<String> layers = peer.names().stream().filter(name -> name.endsWith(INPUT_GLOBAL_SCALE))
                    .map(name -> name.substring(0, name.length() - INPUT_GLOBAL_SCALE.length())).toList();
            layers.forEach(layer -> layout.tensor(layer + ".x", DType.BF16, Shape.of(1, columns(peer, layer))));
            try (SafetensorsWriter writer = SafetensorsWriter.create(file, layout)) {
                for (String layer : layers) {
                    float amax = 448 * 6 / peer.tensor(layer + INPUT_GLOBAL_SCALE).floatAt(0);
                    MemorySegment x = arena.allocate(columns(peer, layer) * Short.BYTES);
                    x.set(ValueLayout.JAVA_SHORT, 0, BFloat16.fromFloat(-amax));
                    writer.write(layer + ".x", x);
                }
                writer.commit();
            }
        }
        return file;
    }

    private static long columns(Checkpoint peer, String layer) {
        return 2 * peer.tensor(layer + ".weight_packed").shape().dimension(1);
    }

    @TestFactory
    Stream<DynamicTest> integersAreThoseOfThePeer() {
        return Golden.tests("integers of weights",
                path -> path.endsWith("codecs/int_quant.json"), QuantizeGoldenTest::compareIntegers);
    }

    private static void compareIntegers(Path json) {
        Path tensors = json.resolveSibling("int_quant.safetensors");
        try (SafetensorsFile file = SafetensorsFile.open(tensors); Arena arena = Arena.ofShared()) {
            for (JsonNode quantized : Golden.json(json)) {
                String key = quantized.get("key").asText();
                QuantizedWeight weight = quantize(file.tensor(quantized.get("input").asText()),
                        group(json, quantized.get("args"), "int", "int-quantized"), arena);
                assertSame(weight.tensors().get("weight"), file.tensor(key + ".q"));
                assertSame(weight.tensors().get("weight_scale"), file.tensor(key + ".scale"));
                file.find(key + ".zero_point").ifPresent(
                        zeroPoint -> assertSame(weight.tensors().get("weight_zero_point"), zeroPoint));
            }
        }
    }

    @TestFactory
    Stream<DynamicTest> blocksAreThoseOfThePeer() {
        return Golden.tests("blocks of narrow floats",
                path -> path.endsWith("codecs/block_quant.safetensors"), QuantizeGoldenTest::compareBlocks);
    }

    private static void compareBlocks(Path path) {
        try (SafetensorsFile file = SafetensorsFile.open(path); Arena arena = Arena.ofShared()) {
            for (String dtype : List.of("bf16", "f16", "f32")) {
                if (file.contains(dtype + ".x")) {
                    Tensor x = file.tensor(dtype + ".x");
                    QuantizedWeight fp8 = quantize(x, Preset.named("MXFP8A16"), arena);
                    assertSame(fp8.tensors().get("weight"), file.tensor(dtype + ".mxfp8_ct.q"));
                    assertSame(fp8.tensors().get("weight_scale"), file.tensor(dtype + ".mxfp8_ct.scale"));
                    QuantizedWeight fp4 = quantize(x, Preset.named("MXFP4A16"), arena);
                    assertSame(fp4.tensors().get("weight_packed"), file.tensor(dtype + ".mxfp4_ct.packed"));
                    assertSame(fp4.tensors().get("weight_scale"), file.tensor(dtype + ".mxfp4_ct.scale"));
                }
            }
        }
    }

    private static QuantizedWeight quantize(Tensor weight, Preset preset, Arena arena) {
        return quantize(weight, preset.group("group_0", List.of(Target.of("Linear"))), arena);
    }

    private static QuantizedWeight quantize(Tensor weight, ConfigGroup group, Arena arena) {
        WeightRows rows = WeightRows.of(weight);
        return new WeightRounding(WeightScheme.of(group), ModelDtype.valueOf(weight.dtype().name()), 0, Observer.MINMAX)
                .toNearest(rows, (int) weight.shape().dimension(1))
                .write(weight.name(), group.name(), rows, arena);
    }

    private static ConfigGroup group(Path file, JsonNode args, String type, String format) {
        ObjectNode json = JsonNodeFactory.instance
                .objectNode();
        ObjectNode weights = args.deepCopy();
        weights.put("type", type);
        json.set("weights", weights);
        json.put("format", format);
        return ConfigGroup.readPreset("group_0", file, json, List.of(Target.of("Linear")));
    }

    private static void assertSame(MemorySegment actual, Tensor expected) {
        assertThat(actual.mismatch(expected.data())).as(expected.name()).isEqualTo(-1);
    }
}
