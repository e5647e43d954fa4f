package org.quantado.models.calibrate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.quantado.models.GoldenModels;
import org.quantado.schemes.config.ActivationOrdering;
import org.quantado.schemes.gptq.GptqOptions;
import org.quantado.schemes.quantize.CheckpointQuantizer;
import org.quantado.schemes.quantize.LayerError;
import org.quantado.schemes.quantize.Preset;
import org.quantado.schemes.quantize.QuantizationProgress;
import org.quantado.schemes.quantize.QuantizationRequest;
import org.quantado.schemes.quantize.QuantizationResult;
import org.quantado.schemes.quantize.QuantizeException;
import org.quantado.schemes.smooth.SmoothQuant;

/** Output is complete or absent, whenever the work stops, and goes on with the layer at which it stopped. */
class InterruptedCalibrationTest {
    private static final Path IN = GoldenModels.bundled("tiny/llama");
    private static final int LAYERS = 3;
    /** It stops in all stages of a layer. */
    private static final int STRIDE = 3;
    private static final List<int[]> SAMPLES = List.of(ids(12, 3), ids(20, 5));
    private static final Recipe RECIPE = Recipe.TO_NEAREST.withSmoothQuant(SmoothQuant.DEFAULT)
            .withGptq(GptqOptions.DEFAULT, Optional.of(ActivationOrdering.WEIGHT)).withFp8Cache().withMeasurements();

    @TempDir
    Path folder;
    private QuantizationResult whole;
    private int samples;

    private static int[] ids(int count, int factor) {
        return IntStream.range(0, count).map(i -> (i * i * factor + 7) % 320).toArray();
    }

    private static QuantizationResult quantize(Path out, Recipe recipe, CalibrationProgress progress)
            throws IOException {
        return CheckpointQuantizer.quantize(IN, out, QuantizationRequest.of(Preset.named("W4A16_G32"))
                .calibratedBy(LayerCalibrator.of(IN, "samples", SAMPLES, recipe, progress)), QuantizationProgress.NONE);
    }

    /** Stops the work when so many samples went through layers. */
    private static CalibrationProgress stopAfter(int samples) {
        return new CalibrationProgress() {
            private int left = samples;

            @Override
            public void samples(int count) {
                left -= count;
                if (left == 0) {
                    throw new IllegalStateException("stop");
                }
            }
        };
    }

    @BeforeEach
    void quantizeAtOnce() throws IOException {
        whole = quantize(folder.resolve("whole"), RECIPE, new CalibrationProgress() {
            @Override
            public void samples(int count) {
                samples += count;
            }
        });
    }

    @Test
    void goesOnWithinAnyLayer() throws IOException {
        assertThat(samples).isEqualTo(SAMPLES.size() * (3 * LAYERS - 1));
        for (int stop = 1; stop <= samples; stop += STRIDE) {
            Path out = folder.resolve("out" + stop);
            int stopAfter = stop;
            assertThatThrownBy(() -> quantize(out, RECIPE, stopAfter(stopAfter))).hasMessage("stop");
            assertThat(out).doesNotExist();
            assertThat(quantize(out, RECIPE, CalibrationProgress.NONE).layers()).extracting(LayerError::outputs)
                    .isEqualTo(whole.layers().stream().map(LayerError::outputs).toList());
            assertSameFiles(out, folder.resolve("whole"));
            assertThat(folder.resolve("out" + stop + ".partial")).doesNotExist();
        }
    }

    @Test
    void goesOnWithoutStates() throws IOException {
        Path out = folder.resolve("out");
        int inTheLastLayer = samples - 1;
        assertThatThrownBy(() -> quantize(out, RECIPE, stopAfter(inTheLastLayer))).hasMessage("stop");
        try (Stream<Path> files = Files.list(folder.resolve("out.partial/calibration"))) {
            for (Path states : files.filter(file -> file.toString().endsWith(".f32")).toList()) {
                Files.delete(states);
            }
        }
        quantize(out, RECIPE, CalibrationProgress.NONE);
        assertSameFiles(out, folder.resolve("whole"));
    }

    @Test
    void doesNotGoOnWithAnotherRecipe() {
        Path out = folder.resolve("out");
        assertThatThrownBy(() -> quantize(out, RECIPE, stopAfter(samples))).hasMessage("stop");
        assertThatThrownBy(() -> quantize(out, RECIPE.withGptq(new GptqOptions(128, 0.1), Optional.empty()),
                CalibrationProgress.NONE)).isInstanceOf(QuantizeException.class)
                .hasMessageContaining("another quantization_config, calibrator");
    }

    private static void assertSameFiles(Path found, Path expected) throws IOException {
        try (Stream<Path> files = Files.list(expected)) {
            for (Path file : files.toList()) {
                assertThat(found.resolve(file.getFileName())).hasSameBinaryContentAs(file);
            }
        }
    }
}
