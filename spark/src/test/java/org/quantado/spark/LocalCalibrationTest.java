package org.quantado.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.quantado.models.calibrate.ActivationObserver;
import org.quantado.models.calibrate.CalibrationProgress;
import org.quantado.models.calibrate.LayerCalibrator;
import org.quantado.models.calibrate.Recipe;
import org.quantado.moe.family.KeptModules;
import org.quantado.schemes.cluster.Cluster;
import org.quantado.schemes.cluster.WorkerRate;
import org.quantado.schemes.gptq.GptqOptions;
import org.quantado.schemes.quantize.CheckpointQuantizer;
import org.quantado.schemes.quantize.LayerError;
import org.quantado.schemes.quantize.Preset;
import org.quantado.schemes.quantize.QuantizationProgress;
import org.quantado.schemes.quantize.QuantizationRequest;
import org.quantado.schemes.quantize.QuantizationResult;
import org.quantado.schemes.smooth.Awq;
import org.quantado.schemes.smooth.DuoScaling;
import org.quantado.schemes.smooth.SmoothQuant;

/** Whatever calibration does, several tasks at a time on Spark give the bytes of one machine. */
class LocalCalibrationTest {
    private static final Path MODEL = Path.of(System.getProperty("quantado.root"),
            "cli/src/main/resources/org/quantado/cli/demo/tales-2m");
    private static final int LAYERS = 4;
    /** More than there are blocks, and of lengths of their own. */
    private static final List<int[]> SAMPLES = samples(18);
    private static final Map<String, String> SETTINGS = Map.of("spark.ui.enabled", "false", "spark.driver.host",
            "127.0.0.1", "spark.driver.bindAddress", "127.0.0.1");

    @TempDir
    private Path folder;

    static List<int[]> samples(int count) {
        Random random = new Random(1);
        return IntStream.range(0, count).mapToObj(sample -> random.ints(5 + sample, 0, 512).toArray()).toList();
    }

    private static QuantizationRequest request(String preset, List<int[]> samples, Recipe recipe,
            CalibrationProgress progress) {
        return QuantizationRequest.of(Preset.named(preset)).keeping(KeptModules.of(MODEL.resolve("config.json")))
                .calibratedBy(LayerCalibrator.of(MODEL, "ids", samples, recipe, progress));
    }

    static Stream<Arguments> recipes() {
        Recipe gptq = Recipe.TO_NEAREST.withGptq(GptqOptions.DEFAULT, GptqOptions.DEFAULT_ORDER);
        return Stream.of(
                Arguments.of("local[2]", "W4A16", SAMPLES, gptq.withFp8Cache().withMeasurements()),
                Arguments.of("local[3]", "FP8", SAMPLES,
                        Recipe.TO_NEAREST.withActivations(ActivationObserver.MINMAX)),
                Arguments.of("local[1]", "W8A8", SAMPLES.subList(0, 7),
                        gptq.withSmoothQuant(SmoothQuant.DEFAULT)),
                Arguments.of("local[2]", "W4A16_ASYM", SAMPLES.subList(0, 5),
                        gptq.withAwq(new Awq(4, DuoScaling.ON))),
                Arguments.of("local[2]", "NVFP4A16", SAMPLES.subList(0, 1), Recipe.TO_NEAREST));
    }

    @ParameterizedTest
    @MethodSource("recipes")
    void givesTheBytesOfOneMachine(String master, String preset, List<int[]> samples, Recipe recipe)
            throws IOException {
        Path expected = folder.resolve("expected");
        QuantizationResult alone = CheckpointQuantizer.quantize(MODEL, expected,
                request(preset, samples, recipe, CalibrationProgress.NONE), QuantizationProgress.NONE);
        Path out = folder.resolve("out");
        int[] run = new int[1];

        QuantizationResult result;
        try (Cluster cluster = SparkCluster.connect(master, SETTINGS)) {
            result = CheckpointQuantizer.quantize(MODEL, out, request(preset, samples, recipe,
                    new CalibrationProgress() {
                        @Override
                        public void samples(int count) {
                            run[0] += count;
                        }
                    }), QuantizationProgress.NONE, cluster);
        }

        ClusterTest.assertSameFiles(out, expected);
        assertThat(result.layers()).extracting(LayerError::outputs)
                .isEqualTo(alone.layers().stream().map(LayerError::outputs).toList());
        assertThat(result.calibrators().stream().mapToLong(WorkerRate::work).sum()).isEqualTo(run[0]);
        assertThat(result.workers().stream().mapToLong(WorkerRate::work).sum())
                .isEqualTo(alone.layers().stream().mapToLong(layer -> 2L * layer.rows() * layer.columns()).sum());
        assertThat(result.layersDoneBefore()).isZero();
        assertThat(alone.calibrators()).isEmpty();
        assertThat(folder.resolve("out.partial")).doesNotExist();
    }

    /** What one machine has begun, a cluster goes on with. */
    @Test
    void goesOnWithWhatIsFinished() throws IOException {
        Recipe recipe = Recipe.TO_NEAREST.withGptq(GptqOptions.DEFAULT, Optional.empty());
        List<int[]> samples = SAMPLES.subList(0, 6);
        Path expected = folder.resolve("expected");
        CheckpointQuantizer.quantize(MODEL, expected, request("W4A16", samples, recipe, CalibrationProgress.NONE),
                QuantizationProgress.NONE);
        Path out = folder.resolve("out");
        CalibrationProgress stop = new CalibrationProgress() {
            private int left = 2 * samples.size() + 3;

            @Override
            public void samples(int count) {
                left -= count;
                if (left == 0) {
                    throw new IllegalStateException("stop");
                }
            }
        };
        assertThatThrownBy(() -> CheckpointQuantizer.quantize(MODEL, out, request("W4A16", samples, recipe, stop),
                QuantizationProgress.NONE)).hasMessage("stop");
        assertThat(Files.exists(folder.resolve("out.partial/calibration/layer-00000.safetensors"))).isTrue();
        int[] begun = {LAYERS};

        try (Cluster cluster = SparkCluster.connect("local[2]", SETTINGS)) {
            CheckpointQuantizer.quantize(MODEL, out, request("W4A16", samples, recipe, new CalibrationProgress() {
                @Override
                public void begin(int layer, int layers, long all) {
                    begun[0] = Math.min(begun[0], layer);
                }
            }), QuantizationProgress.NONE, cluster);
        }

        assertThat(begun).containsExactly(1);
        ClusterTest.assertSameFiles(out, expected);
    }
}
