package org.quantado.models.calibrate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.quantado.models.GoldenModels;
import org.quantado.models.LanguageModel;
import org.quantado.models.ModelOptions;
import org.quantado.models.decoder.Session;
import org.quantado.moe.family.KeptModules;
import org.quantado.schemes.linear.Activations;
import org.quantado.schemes.quantize.CheckpointQuantizer;
import org.quantado.schemes.quantize.Preset;
import org.quantado.schemes.quantize.QuantizationProgress;
import org.quantado.schemes.quantize.QuantizationRequest;
import org.quantado.schemes.quantize.QuantizeException;
import org.quantado.schemes.smooth.Awq;
import org.quantado.schemes.smooth.DuoScaling;
import org.quantado.schemes.smooth.SmoothQuant;

/** Channels are scaled where the family has a mapping, and the model computes the same. */
class SmoothingTest {
    private static final int[] IDS = {7, 12, 3, 88, 41, 5, 19, 200, 101, 64, 2, 77};
    /** Of weights in 8 bits, as a share of the largest logit; scales in the wrong place give more than 1. */
    private static final double TOLERANCE = 0.1;

    @TempDir
    Path folder;

    private Path quantized(String name, Recipe recipe) throws IOException {
        Path in = GoldenModels.bundled("tiny/" + name);
        Path out = folder.resolve(name);
        CheckpointQuantizer.quantize(in, out,
                QuantizationRequest.of(Preset.named("W8A8")).keeping(KeptModules.of(in.resolve("config.json")))
                        .calibratedBy(LayerCalibrator.of(in, "sample", List.of(IDS), recipe, CalibrationProgress.NONE)),
                QuantizationProgress.NONE);
        return out;
    }

    private static float[] logits(Path model) {
        LanguageModel opened = LanguageModel.open(model, ModelOptions.USUAL
                .withContext(IDS.length).withActivations(Activations.OFF));
        try (Session session = opened.session(1)) {
            return Arrays.copyOf(session.logits(session.open(), IDS).toHeapArray(), session.vocabulary());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"llama", "deepseek_v3"})
    void theModelComputesTheSame(String name) throws IOException {
        float[] expected = logits(GoldenModels.bundled("tiny/" + name));
        float[] found = logits(quantized(name, Recipe.TO_NEAREST.withSmoothQuant(SmoothQuant.DEFAULT)));
        float largest = 0;
        float difference = 0;
        for (int id = 0; id < expected.length; id++) {
            largest = Math.max(largest, Math.abs(expected[id]));
            difference = Math.max(difference, Math.abs(expected[id] - found[id]));
        }
        assertThat(difference).isLessThan((float) TOLERANCE * largest);
    }

    @Test
    void whatHasNoMappingIsRefusedByName() {
        assertThatThrownBy(() -> quantized("gpt_oss", Recipe.TO_NEAREST.withAwq(new Awq(4, DuoScaling.ON))))
                .isInstanceOf(QuantizeException.class).hasMessageContaining("gpt_oss")
                .hasMessageContaining("no mapping");
        assertThat(folder.resolve("gpt_oss.partial")).doesNotExist();
    }
}
