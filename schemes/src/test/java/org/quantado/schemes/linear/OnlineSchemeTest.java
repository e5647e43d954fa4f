package org.quantado.schemes.linear;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Random;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.quantado.kernels.codec.E4M3;
import org.quantado.kernels.codec.E8M0Rule;
import org.quantado.kernels.codec.TableOf16;
import org.quantado.kernels.matmul.LinearWeight;
import org.quantado.kernels.reference.DynamicInt8;
import org.quantado.kernels.reference.Fp8Quantization;
import org.quantado.kernels.reference.IntBlocks;
import org.quantado.kernels.reference.MxQuantization;
import org.quantado.kernels.reference.Nvfp4Quantization;
import org.quantado.schemes.checkpoint.DType;
import org.quantado.schemes.checkpoint.SafetensorsLayout;
import org.quantado.schemes.checkpoint.SafetensorsWriter;
import org.quantado.schemes.checkpoint.Shape;
import org.quantado.schemes.model.Model;
import org.quantado.schemes.model.ModelLayer;

import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/** Weights quantized on the device while loading are the oracle's, value by value. */
@Tag("device")
class OnlineSchemeTest {
    /** Not a multiple of the rows of a tile. */
    private static final int OUTPUTS = 300;
    private static final int INPUTS = 256;
    private static final int TILE = 128;
    private static final int NF4_GROUP = 64;

    @TempDir
    private Path folder;

    @ParameterizedTest
    @EnumSource(OnlineFormat.class)
    void weightsAreTheOraclesWhicheverWayTheyAreCut(OnlineFormat format) throws IOException {
        float[] weight = weight(OUTPUTS * INPUTS);
        try (Model model = open(weight, INPUTS)) {
            float[] expected = dequantized(format, weight);
            assertWeight(load(model, format, TensorParallel.WHOLE), expected, 0, OUTPUTS);
            assertWeight(load(model, format, TensorParallel.WHOLE), expected, 0, OUTPUTS);
            boolean scaleOfItsOwn = format == OnlineFormat.NVFP4 || format == OnlineFormat.FP8_PER_TENSOR
                    || format == OnlineFormat.FP8_PER_BLOCK;
            if (!scaleOfItsOwn) {
                assertWeight(load(model, format, TensorParallel.columns(1, 2)), expected, OUTPUTS / 2, OUTPUTS);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(OnlineFormat.class)
    void layersRunAndComeCloseToTheUnquantizedProduct(OnlineFormat format) throws IOException {
        float[] weight = weight(OUTPUTS * INPUTS);
        float[] x = weight(3 * INPUTS);
        try (Model model = open(weight, INPUTS);
                QuantizedLinear linear = load(model, format, TensorParallel.WHOLE)) {
            FloatArray y = linear.apply(FloatArray.fromArray(x));
            double signal = 0;
            double noise = 0;
            for (int i = 0; i < y.getSize(); i++) {
                double product = 0;
                for (int k = 0; k < INPUTS; k++) {
                    product += x[i / OUTPUTS * INPUTS + k] * (double) weight[i % OUTPUTS * INPUTS + k];
                }
                signal += product * product;
                noise += Math.pow(product - y.get(i), 2);
            }
            double decibels = 10 * Math.log10(signal / noise);
            double bitsOfAccuracy = format.codeBits() == Byte.SIZE ? 25 : 12;
            assertThat(decibels).as("SQNR").isGreaterThan(bitsOfAccuracy);
        }
    }

    @Test
    void inputsThatAreNoWholeGroupsAreRefusedWithThePeersMessage() throws IOException {
        try (Model model = open(weight(2 * 48), 48)) {
            assertThatThrownBy(() -> load(model, OnlineFormat.MXFP8, TensorParallel.WHOLE))
                    .isInstanceOf(SchemeException.class).hasMessageContainingAll("layer '",
                            "MXFP8 requires input_size_per_partition (48) to be divisible by 32.");
        }
    }

    private static float[] dequantized(OnlineFormat format, float[] weight) {
        float amax = 0;
        for (float value : weight) {
            amax = Math.max(amax, Math.abs(value));
        }
        return switch (format) {
            case MXFP8 -> dequantized(new MxQuantization(MxQuantization.Element.E4M3_CODE, E8M0Rule.CEIL_448), weight);
            case MXFP8_FLOOR ->
                dequantized(new MxQuantization(MxQuantization.Element.E4M3_CODE, E8M0Rule.FLOOR), weight);
            case MXFP4 -> dequantized(new MxQuantization(MxQuantization.Element.E2M1_CODE, E8M0Rule.EVEN_E2M1), weight);
            case NVFP4 -> {
                Nvfp4Quantization nvfp4 = new Nvfp4Quantization(Nvfp4Quantization.globalScaleOf(amax));
                yield nvfp4.dequantize(nvfp4.quantize(weight));
            }
            case NF4 -> nf4(weight);
            case FP8_PER_TENSOR -> fp8(weight, weight.length, Fp8Quantization.Division.BY_RECIPROCAL);
            case FP8_PER_CHANNEL -> fp8(weight, INPUTS, Fp8Quantization.Division.BY_RECIPROCAL);
            case FP8_PER_BLOCK -> fp8Tiles(weight);
            case INT8_PER_CHANNEL -> {
                IntBlocks blocks = DynamicInt8.symmetric(weight, INPUTS);
                float[] values = new float[weight.length];
                for (int i = 0; i < values.length; i++) {
                    values[i] = blocks.codes()[i] * blocks.scales()[i / INPUTS];
                }
                yield values;
            }
        };
    }

    private static float[] dequantized(MxQuantization quantization, float[] weight) {
        return quantization.dequantize(quantization.quantize(weight));
    }

    private static float[] nf4(float[] weight) {
        float[] table = TableOf16.NF4.toFloats();
        float[] values = new float[weight.length];
        for (int i = 0; i < values.length; i++) {
            float amax = 0;
            for (int j = i / NF4_GROUP * NF4_GROUP; j < (i / NF4_GROUP + 1) * NF4_GROUP; j++) {
                amax = Math.max(amax, Math.abs(weight[j]));
            }
            float scaled = weight[i] * (1 / amax);
            float nearest = table[0];
            for (float value : table) {
                nearest = Math.abs((double) scaled - value) < Math.abs((double) scaled - nearest) ? value : nearest;
            }
            values[i] = nearest * amax;
        }
        return values;
    }

    private static float[] fp8(float[] weight, int blockSize, Fp8Quantization.Division division) {
        Fp8Quantization.Fp8Blocks blocks = Fp8Quantization.quantize(weight, blockSize, division);
        float[] values = new float[weight.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = E4M3.decode(Byte.toUnsignedInt(blocks.codes()[i])) * blocks.scales()[i / blockSize];
        }
        return values;
    }

    private static float[] fp8Tiles(float[] weight) {
        float[] values = new float[weight.length];
        for (int n = 0; n < OUTPUTS; n++) {
            for (int k = 0; k < INPUTS; k++) {
                float amax = 0;
                for (int row = n / TILE * TILE; row < Math.min(OUTPUTS, (n / TILE + 1) * TILE); row++) {
                    for (int column = k / TILE * TILE; column < (k / TILE + 1) * TILE; column++) {
                        amax = Math.max(amax, Math.abs(weight[row * INPUTS + column]));
                    }
                }
                float scale = amax / E4M3.MAX_VALUE;
                int i = n * INPUTS + k;
                values[i] = E4M3.decode(E4M3.encode(weight[i] / scale, E4M3.Overflow.SATURATE)) * scale;
            }
        }
        return values;
    }

    private static void assertWeight(QuantizedLinear linear, float[] expected, int from, int to) {
        try (linear) {
            LinearWeight weight = linear.weight();
            for (int n = from; n < to; n++) {
                double[] row = weight.row(n - from);
                for (int k = 0; k < INPUTS; k++) {
                    assertThat((float) row[k]).as("w[%d, %d]", n, k).isEqualTo(expected[n * INPUTS + k]);
                }
            }
        }
    }

    private static QuantizedLinear load(Model model, OnlineFormat format, TensorParallel part) {
        ModelLayer layer = model.layer("layer");
        return layer.load(part, Activations.OFF, Optional.of(format));
    }

    private Model open(float[] weight, int inputs) throws IOException {
        Path file = folder.resolve("model.safetensors");
        SafetensorsLayout layout = new SafetensorsLayout().tensor("layer.weight", DType.F32,
                Shape.of(weight.length / inputs, inputs));
        try (SafetensorsWriter writer = SafetensorsWriter.create(file, layout)) {
            writer.write("layer.weight", MemorySegment.ofArray(weight));
            writer.commit();
        }
        return Model.open(file);
    }

    /** Gaussian with a few large channels, as of language models. */
    private static float[] weight(int size) {
        Random random = new Random(7);
        float[] weight = new float[size];
        for (int i = 0; i < size; i++) {
            weight[i] = (float) (random.nextGaussian() * 0.02 * (i % 61 == 0 ? 20 : 1));
        }
        return weight;
    }
}
