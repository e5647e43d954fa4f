package org.quantado.models.calibrate;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.quantado.kernels.engine.Conf;
import org.quantado.models.ModelOptions;
import org.quantado.models.TextModel;
import org.quantado.models.evaluate.Evaluation;
import org.quantado.models.generate.TokenSequence;
import org.quantado.moe.family.KeptModules;
import org.quantado.schemes.checkpoint.Checkpoint;
import org.quantado.schemes.config.Target;
import org.quantado.schemes.gptq.GptqOptions;
import org.quantado.schemes.quantize.CheckpointQuantizer;
import org.quantado.schemes.quantize.Observer;
import org.quantado.schemes.quantize.Preset;
import org.quantado.schemes.quantize.QuantizationProgress;
import org.quantado.schemes.quantize.QuantizationRequest;

/** The demo's model, trained on tales, calibrated on tales, and evaluated on others. */
class CalibratedDemoTest {
    private static final Path TALES = Path.of("../cli/src/main/resources/org/quantado/cli/demo");
    private static final Path MODEL = TALES.resolve("tales-2m");
    private static final int LENGTH = 512;
    private static final int SAMPLES = 6;
    private static final int EVALUATED = 12;
    /** Samples that are enough to find static scales on, and to evaluate these. */
    private static final int FEW = 1;
    /** What a static scale may cost; a wrong one costs far more. */
    private static final double STATIC_LOSS = 1.05;
    /** Linear layers of experts, for which no static INT8 is run. */
    private static final String NO_EXPERTS = "re:.*experts.*";

    @TempDir
    Path folder;

    private CalibrationText text;
    private Optional<String> conf;

    @BeforeEach
    void draw() throws IOException {
        text = CalibrationText.draw(TALES.resolve("eval.txt"), MODEL, SAMPLES, LENGTH, 42);
        conf = Optional.ofNullable(System.getProperty(Conf.FOLDER_PROPERTY));
    }

    @AfterEach
    void restoreConf() {
        conf.ifPresentOrElse(some -> System.setProperty(Conf.FOLDER_PROPERTY, some),
                () -> System.clearProperty(Conf.FOLDER_PROPERTY));
    }

    private Path quantized(String name, List<String> presets, int samples, Recipe recipe, Target... ignored)
            throws IOException {
        Path out = folder.resolve(name);
        CheckpointQuantizer.quantize(MODEL, out,
                new QuantizationRequest(
                        presets.stream().map(preset -> new QuantizationRequest.Assignment(Preset.named(preset),
                                QuantizationRequest.DEFAULT_TARGETS)).toList(),
                        Stream.concat(QuantizationRequest.DEFAULT_IGNORE.stream(), Stream.of(ignored)).toList(),
                        KeptModules.of(MODEL.resolve("config.json")), Observer.MINMAX, Optional.empty(),
                        Optional.of(
                                LayerCalibrator.of(MODEL, "tales", text.chosen().subList(0, samples), recipe,
                                        CalibrationProgress.NONE))),
                QuantizationProgress.NONE);
        return out;
    }

    private double perplexity(Path model, int samples) {
        try (TextModel opened = TextModel.open(model, ModelOptions.USUAL.withContext(LENGTH));
                TokenSequence sequence = opened.sequence()) {
            return Evaluation.likelihood(sequence, text.heldBack().subList(0, samples), tokens -> {
            }).perplexity();
        }
    }

    @Test
    void gptqLosesLessThanRoundingToNearest() throws IOException {
        double toNearest = perplexityOfW4A16("nearest", Recipe.TO_NEAREST);
        assertThat(perplexityOfW4A16("gptq",
                Recipe.TO_NEAREST.withGptq(GptqOptions.DEFAULT, GptqOptions.DEFAULT_ORDER))).isLessThan(toNearest);
    }

    private double perplexityOfW4A16(String name, Recipe recipe) throws IOException {
        return perplexity(quantized(name, List.of("W4A16"), SAMPLES, recipe), EVALUATED);
    }

    static Stream<Arguments> presetsWithStaticScales() {
        return Stream.of(ActivationObserver.values()).flatMap(observer -> Stream.of("FP8", "NVFP4")
                .filter(preset -> observer != ActivationObserver.MSE || !preset.equals("NVFP4"))
                .map(preset -> Arguments.of(preset, observer)));
    }

    @ParameterizedTest
    @MethodSource("presetsWithStaticScales")
    void staticScalesAreFoundOnText(String preset, ActivationObserver observer) throws IOException {
        Path made = quantized("made", List.of(preset), FEW, Recipe.TO_NEAREST.withActivations(observer));
        assertThat(Files.readString(made.resolve("config.json"))).contains("\"" + observer.peerName() + "\"");
        double dynamic = perplexity(quantized("dynamic", List.of(preset.equals("FP8") ? "FP8_DYNAMIC" : "MXFP4"), FEW,
                Recipe.TO_NEAREST), FEW);
        assertThat(perplexity(made, FEW)).isLessThan(STATIC_LOSS * dynamic);
    }

    @Test
    void inputsAndOutputsHaveStaticScales() throws IOException {
        String static8 = "{\"num_bits\": 8, \"type\": \"int\", \"symmetric\": true, \"strategy\": \"tensor\","
                + " \"dynamic\": false}";
        Path presets = Files.createDirectories(folder.resolve("conf/presets"));
        Files.writeString(presets.resolve("W8A8O8.json"), "{\"weights\": " + static8.replace("tensor", "channel")
                + ", \"input_activations\": " + static8 + ", \"output_activations\": " + static8 + "}");
        System.setProperty(Conf.FOLDER_PROPERTY, folder.resolve("conf").toString());
        Path made = quantized("made", List.of("W8A8O8"), FEW, Recipe.TO_NEAREST, Target.of(NO_EXPERTS));
        try (Checkpoint checkpoint = Checkpoint.open(made)) {
            assertThat(checkpoint.names()).contains("model.layers.0.self_attn.q_proj.input_scale",
                    "model.layers.0.self_attn.q_proj.output_scale", "model.layers.0.mlp.down_proj.output_scale");
        }
        assertThat(perplexity(made, FEW)).isLessThan(STATIC_LOSS * perplexity(MODEL, FEW));
    }

    @Test
    void cachesHaveStaticScales() throws IOException {
        Path made = quantized("made", List.of(), FEW, Recipe.TO_NEAREST.withFp8Cache());
        assertThat(perplexity(made, FEW)).isLessThan(STATIC_LOSS * perplexity(MODEL, FEW));
    }
}
