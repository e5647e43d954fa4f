package org.quantado.models.calibrate;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.quantado.models.GoldenModels;
import org.quantado.models.LanguageModel;
import org.quantado.models.ModelOptions;
import org.quantado.models.decoder.Session;
import org.quantado.moe.family.KeptModules;
import org.quantado.schemes.checkpoint.Checkpoint;
import org.quantado.schemes.config.ActivationOrdering;
import org.quantado.schemes.gptq.GptqOptions;
import org.quantado.schemes.quantize.CheckpointQuantizer;
import org.quantado.schemes.quantize.Preset;
import org.quantado.schemes.quantize.QuantizationProgress;
import org.quantado.schemes.quantize.QuantizationRequest;

/** Whole models, experts included, run with groups of columns in an order of their own. */
@Tag("device")
class GroupOrderTest {
    private static final int[] IDS = IntStream.range(0, 96).map(i -> (i * i * 7 + 3 * i) % 256).toArray();

    @TempDir
    Path folder;

    private Path quantized(Path in, String name, Recipe recipe) throws IOException {
        Path out = folder.resolve(name);
        CheckpointQuantizer.quantize(in, out,
                QuantizationRequest.of(Preset.named("W4A16_G32")).keeping(KeptModules.of(in.resolve("config.json")))
                        .calibratedBy(LayerCalibrator.of(in, "sample", List.of(IDS), recipe, CalibrationProgress.NONE)),
                QuantizationProgress.NONE);
        return out;
    }

    private static float[] logits(Path model) {
        LanguageModel opened = LanguageModel.open(model, ModelOptions.USUAL.withContext(IDS.length));
        try (Session session = opened.session(1)) {
            return Arrays.copyOf(session.logits(session.open(), IDS).toHeapArray(), session.vocabulary());
        }
    }

    private static double distance(float[] logits, float[] others) {
        return Math
                .sqrt(IntStream.range(0, logits.length).mapToDouble(id -> Math.pow(logits[id] - others[id], 2)).sum());
    }

    @ParameterizedTest
    @ValueSource(strings = {"llama", "deepseek_v3"})
    void areCloserToTheModelThanRoundingToNearest(String name) throws IOException {
        Path in = GoldenModels.bundled("tiny/" + name);
        Path ordered = quantized(in, "ordered",
                Recipe.TO_NEAREST.withGptq(GptqOptions.DEFAULT, Optional.of(ActivationOrdering.GROUP)));
        try (Checkpoint checkpoint = Checkpoint.open(ordered)) {
            assertThat(checkpoint.names()).filteredOn(tensor -> tensor.endsWith("weight_g_idx")).isNotEmpty()
                    .anySatisfy(tensor -> assertThat(checkpoint.tensor(tensor).toInts()[0]).isNotZero());
        }
        float[] expected = logits(in);
        double ofNearest = distance(expected, logits(quantized(in, "nearest", Recipe.TO_NEAREST)));
        assertThat(distance(expected, logits(ordered))).isLessThan(ofNearest);
    }
}
