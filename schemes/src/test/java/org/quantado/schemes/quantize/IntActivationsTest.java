package org.quantado.schemes.quantize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.quantado.kernels.codec.ModelDtype;
import org.quantado.kernels.matmul.LinearWeight;
import org.quantado.kernels.reference.IntBlocks;
import org.quantado.kernels.reference.IntQuantization;
import org.quantado.schemes.checkpoint.DType;
import org.quantado.schemes.linear.Activations;
import org.quantado.schemes.linear.QuantizedLinear;
import org.quantado.schemes.linear.SchemeException;
import org.quantado.schemes.linear.TensorParallel;
import org.quantado.schemes.model.Model;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/** Layers whose inputs are integers with scales found at run time give what quantizing by hand gives. */
@Tag("device")
class IntActivationsTest {
    private static final String LAYER = "model.layers.0.mlp.down_proj";
    private static final int ROWS = 5;
    private static final double TOLERANCE = 1e-5;
    private static final String TOKEN = "\"strategy\": \"token\"";

    @TempDir
    private Path folder;
    private Path in;

    @BeforeEach
    void writeInput() throws IOException {
        in = SyntheticCheckpoint.llama(folder.resolve("in"), DType.BF16, 1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"W2A4", "W3A4", "W4A4"})
    void scalePerToken(String preset) throws IOException {
        try (Model model = Model.open(quantize(preset))) {
            check(model, 4, 0);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {4, 8})
    void scalePerGroup(int bits) throws IOException {
        try (Model model = Model.open(inGroups("W4A" + bits, 32))) {
            check(model, bits, 32);
        }
    }

    @Test
    void groupsThatDoNotDivideTheInputsAreRefused() throws IOException {
        try (Model model = Model.open(inGroups("W4A4", 80))) {
            assertThatThrownBy(() -> model.layer(LAYER).check()).isInstanceOf(SchemeException.class)
                    .hasMessageContaining(LAYER).hasMessageContaining("not a whole number of groups of 80");
        }
    }

    @Test
    void shardsAreQuantizedByThemselves() throws IOException {
        try (Model model = Model.open(quantize("W4A4"));
                QuantizedLinear whole = model.layer(LAYER).load(Activations.CONFIG);
                QuantizedLinear half = model.layer(LAYER).load(TensorParallel.columns(1, 2), Activations.CONFIG,
                        Optional.empty())) {
            FloatArray x = x(whole.spec().inputSize());
            FloatArray all = whole.apply(x);
            FloatArray some = half.apply(x);
            int outputs = half.spec().outputSizePerPartition();
            for (int i = 0; i < some.getSize(); i++) {
                assertThat(some.get(i)).isEqualTo(all.get(i / outputs * 2 * outputs + outputs + i % outputs));
            }
        }
    }

    private Path quantize(String preset) throws IOException {
        Path out = folder.resolve(preset);
        CheckpointQuantizer.quantize(in, out, QuantizationRequest.of(Preset.named(preset)), QuantizationProgress.NONE);
        return out;
    }

    /** The same weights, with inputs in groups. */
    private Path inGroups(String preset, int groupSize) throws IOException {
        Path out = quantize(preset);
        Path config = out.resolve("config.json");
        String text = Files.readString(config);
        int input = text.indexOf(TOKEN);
        assertThat(input).isPositive();
        int size = text.lastIndexOf("\"group_size\": null", input);
        assertThat(size).isPositive();
        Files.writeString(config, text.substring(0, size) + "\"group_size\": " + groupSize
                + text.substring(size + "\"group_size\": null".length(), input) + "\"strategy\": \"group\""
                + text.substring(input + TOKEN.length()));
        return out;
    }

    private static FloatArray x(int inputs) {
        FloatArray x = new FloatArray(ROWS * inputs);
        Random random = new Random(9);
        for (int i = 0; i < x.getSize(); i++) {
            x.set(i, ModelDtype.BF16.round((float) (random.nextGaussian() * (i % 61 == 0 ? 20 : 1))));
        }
        return x;
    }

    private static void check(Model model, int bits, int groupSize) {
        try (QuantizedLinear linear = model.layer(LAYER).load(Activations.CONFIG)) {
            int inputs = linear.spec().inputSize();
            int blockSize = groupSize == 0 ? inputs : groupSize;
            FloatArray x = x(inputs);
            IntQuantization quantization = new IntQuantization(bits, true, ModelDtype.BF16);
            IntBlocks blocks = quantization.quantize(x.toHeapArray(), blockSize);
            FloatArray y = linear.apply(x);
            LinearWeight weight = linear.weight();
            int outputs = linear.spec().outputSizePerPartition();
            for (int n = 0; n < outputs; n++) {
                double[] row = weight.row(n);
                for (int m = 0; m < ROWS; m++) {
                    double sum = 0;
                    double magnitude = 0;
                    for (int k = 0; k < inputs; k++) {
                        int i = m * inputs + k;
                        double term = row[k]
                                * quantization.decode(blocks.codes()[i], blocks.scales()[i / blockSize], 0);
                        sum += term;
                        magnitude += Math.abs(term);
                    }
                    assertThat(Math.abs(y.get(m * outputs + n) - sum)).as("y[%d, %d]", m, n)
                            .isLessThanOrEqualTo(TOLERANCE * magnitude);
                }
            }
        }
    }
}
