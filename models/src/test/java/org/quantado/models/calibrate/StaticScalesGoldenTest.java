package org.quantado.models.calibrate;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.LongStream;
import java.util.stream.Stream;

import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.quantado.models.GoldenModels;
import org.quantado.moe.family.KeptModules;
import org.quantado.schemes.checkpoint.Checkpoint;
import org.quantado.schemes.checkpoint.Tensor;
import org.quantado.schemes.quantize.CheckpointQuantizer;
import org.quantado.schemes.quantize.Observer;
import org.quantado.schemes.quantize.Preset;
import org.quantado.schemes.quantize.QuantizationProgress;
import org.quantado.schemes.quantize.QuantizationRequest;

/** Scales of activations and caches are those that the peer found on the same model and sample, and so are names and types. */
@Tag("device")
class StaticScalesGoldenTest {
    /** The peer ran the model in bfloat16. Its later layers saw what unquantized ones give, and not what quantized ones do. */
    private static final double TOLERANCE_PERCENT = 1;

    @TempDir
    Path folder;

    static Stream<Path> quantized() {
        return GoldenModels.all().filter(path -> path.getParent().endsWith("quantized"))
                .filter(path -> path.toString().matches(".*-(FP8|NVFP4|KV_FP8|FP8_DYNAMIC-KV_FP8)"));
    }

    @ParameterizedTest
    @MethodSource("quantized")
    void areThePeers(Path expected) throws IOException {
        String name = expected.getFileName().toString();
        String family = name.substring(0, name.indexOf('-'));
        Path in = expected.resolve("../../tiny/" + family).normalize();
        Path out = folder.resolve("out");
        try (Checkpoint golden = Checkpoint.open(expected)) {
            int[] ids = LongStream.of(sample(expected)).mapToInt(Math::toIntExact).toArray();
            Recipe recipe = name.contains("KV_FP8") ? Recipe.TO_NEAREST.withFp8Cache() : Recipe.TO_NEAREST;
            String preset = name.substring(name.indexOf('-') + 1).replace("-KV_FP8", "");
            QuantizationRequest request = new QuantizationRequest(preset.equals("KV_FP8")
                    ? List.of()
                    : List.of(new QuantizationRequest.Assignment(Preset.named(preset),
                            QuantizationRequest.DEFAULT_TARGETS)),
                    QuantizationRequest.DEFAULT_IGNORE, KeptModules.of(in.resolve("config.json")), Observer.MINMAX,
                    Optional.empty(), Optional.of(
                            LayerCalibrator.of(in, "sample", List.of(ids), recipe, CalibrationProgress.NONE)));
            CheckpointQuantizer.quantize(in, out, request, QuantizationProgress.NONE);
            try (Checkpoint made = Checkpoint.open(out)) {
                assertThat(made.names()).containsExactlyInAnyOrderElementsOf(golden.names());
                for (String tensor : golden.names()) {
                    assertAlike(made.tensor(tensor), golden.tensor(tensor));
                }
            }
            assertThat(folder.resolve("out.partial")).doesNotExist();
        }
    }

    private static long[] sample(Path expected) {
        try (Checkpoint tensors = Checkpoint.open(expected.resolve("expected.safetensors"))) {
            return tensors.tensor("input_ids").toLongs();
        }
    }

    private static void assertAlike(Tensor made, Tensor golden) {
        assertThat(made.dtype()).as(made.name()).isEqualTo(golden.dtype());
        assertThat(made.shape()).as(made.name()).isEqualTo(golden.shape());
        if (made.name().matches(".*layers\\.0\\..*\\.(input_scale|input_global_scale|k_scale|v_scale)")) {
            assertThat((double) made.floatAt(0)).as(made.name()).isCloseTo(golden.floatAt(0),
                    Percentage.withPercentage(TOLERANCE_PERCENT));
        }
    }
}
