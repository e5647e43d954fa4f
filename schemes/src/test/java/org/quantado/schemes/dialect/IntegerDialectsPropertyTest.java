package org.quantado.schemes.dialect;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import org.quantado.schemes.linear.Activations;
import org.quantado.schemes.linear.QuantizedLinear;
import org.quantado.schemes.linear.TensorParallel;
import org.quantado.schemes.model.Model;
import org.quantado.schemes.model.ModelLayer;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/** Random integers, packed bit by bit as GPTQ and AWQ describe it, are read as {@code (code - zero) * scale}, whole or cut. */
class IntegerDialectsPropertyTest {
    private static final String LAYER = "model.layers.0.mlp.experts.3.up_proj";
    private static final int[] WIDTHS = {2, 3, 4, 8};
    private static final int[] GROUPS = {-1, 16, 32, 48, 128};
    private static final int[] AWQ_OUTPUTS = {0, 2, 4, 6, 1, 3, 5, 7};

    /** A weight {@code [N, K]} as integers. */
    private static final class Integers {
        private final int bits;
        private final int outputs;
        private final int inputs;
        private final int[] groupOf;
        private final int[][] codes;
        private final int[][] zeros;
        private final float[][] scales;

        private Integers(int bits, int[] groupOf, int[][] codes, int[][] zeros, float[][] scales) {
            this.bits = bits;
            this.outputs = codes.length;
            this.inputs = groupOf.length;
            this.groupOf = groupOf;
            this.codes = codes;
            this.zeros = zeros;
            this.scales = scales;
        }

        static Integers random(long seed, int bits, int outputs, int inputs, int groupSize, boolean shuffled) {
            Random random = new Random(seed);
            int size = groupSize < 0 ? inputs : groupSize;
            int groups = Math.ceilDiv(inputs, size);
            int[] groupOf = IntStream.range(0, inputs).map(k -> k / size).toArray();
            for (int k = inputs - 1; shuffled && k > 0; k--) {
                int other = random.nextInt(k + 1);
                int kept = groupOf[k];
                groupOf[k] = groupOf[other];
                groupOf[other] = kept;
            }
            int[][] codes = new int[outputs][inputs];
            int[][] zeros = new int[outputs][groups];
            float[][] scales = new float[outputs][groups];
            for (int n = 0; n < outputs; n++) {
                codes[n] = random.ints(inputs, 0, 1 << bits).toArray();
                zeros[n] = random.ints(groups, 0, 1 << bits).toArray();
                for (int g = 0; g < groups; g++) {
                    scales[n][g] = 0.01f * (1 + random.nextInt(200));
                }
            }
            return new Integers(bits, groupOf, codes, zeros, scales);
        }

        int groups() {
            return scales[0].length;
        }

        double value(int n, int k) {
            return (codes[n][k] - zeros[n][groupOf[k]]) * (double) scales[n][groupOf[k]];
        }

        float[] scalesByGroup() {
            float[] turned = new float[outputs * groups()];
            for (int i = 0; i < turned.length; i++) {
                turned[i] = scales[i % outputs][i / outputs];
            }
            return turned;
        }
    }

    /** Sets a code in a stream of bits that runs through every {@code step}-th word. */
    private static void set(int[] words, int first, int step, int index, int bits, int code) {
        for (int bit = 0; bit < bits; bit++) {
            int at = index * bits + bit;
            words[first + at / 32 * step] |= (code >> bit & 1) << at % 32;
        }
    }

    @Property(tries = 60)
    void gptq(@ForAll long seed, @ForAll @IntRange(min = 0, max = 3) int width,
            @ForAll @IntRange(min = 0, max = 4) int group,
            @ForAll boolean isSecondVersion, @ForAll boolean shuffled, @ForAll boolean hasGroupIndex)
            throws IOException {
        int groupSize = GROUPS[group];
        boolean ordered = shuffled && groupSize > 0;
        int inputs = 32 * (1 + Math.floorMod(seed, 6));
        Integers weight = Integers.random(seed, WIDTHS[width], 64, inputs, groupSize, ordered);
        int bits = weight.bits;
        int zeroWords = weight.outputs * bits / 32;
        int[] words = new int[inputs * bits / 32 * weight.outputs];
        int[] zeros = new int[weight.groups() * zeroWords];
        for (int n = 0; n < weight.outputs; n++) {
            for (int k = 0; k < inputs; k++) {
                set(words, n, weight.outputs, k, bits, weight.codes[n][k]);
            }
            for (int g = 0; g < weight.groups(); g++) {
                int stored = isSecondVersion ? weight.zeros[n][g] : Math.floorMod(weight.zeros[n][g] - 1, 1 << bits);
                set(zeros, g * zeroWords, 1, n, bits, stored);
            }
        }
        WrittenCheckpoint checkpoint = new WrittenCheckpoint()
                .ints(LAYER + ".qweight", words, inputs * bits / 32, weight.outputs)
                .ints(LAYER + ".qzeros", zeros, weight.groups(), zeroWords)
                .floats(LAYER + ".scales", weight.scalesByGroup(), weight.groups(), weight.outputs);
        if (hasGroupIndex || ordered) {
            checkpoint.ints(LAYER + ".g_idx", weight.groupOf, inputs);
        }
        check(checkpoint, "{'quant_method':'gptq','bits':" + bits + ",'group_size':" + groupSize + ",'sym':false,"
                + "'desc_act':" + ordered + ",'checkpoint_format':'" + (isSecondVersion ? "gptq_v2" : "gptq") + "'}",
                weight);
    }

    @Property(tries = 40)
    void awq(@ForAll long seed, @ForAll @IntRange(min = 0, max = 2) int group,
            @ForAll @IntRange(min = 1, max = 4) int size)
            throws IOException {
        int inputs = 32 * size;
        Integers weight = Integers.random(seed, 4, 32, inputs, GROUPS[group], false);
        int columns = weight.outputs / 8;
        int[] words = new int[inputs * columns];
        int[] zeros = new int[weight.groups() * columns];
        for (int n = 0; n < weight.outputs; n++) {
            int output = n % AWQ_OUTPUTS.length;
            int place = IntStream.range(0, AWQ_OUTPUTS.length).filter(i -> AWQ_OUTPUTS[i] == output).findFirst()
                    .orElseThrow();
            for (int k = 0; k < inputs; k++) {
                set(words, k * columns + n / 8, 1, place, 4, weight.codes[n][k]);
            }
            for (int g = 0; g < weight.groups(); g++) {
                set(zeros, g * columns + n / 8, 1, place, 4, weight.zeros[n][g]);
            }
        }
        check(new WrittenCheckpoint().ints(LAYER + ".qweight", words, inputs, columns)
                .ints(LAYER + ".qzeros", zeros, weight.groups(), columns)
                .floats(LAYER + ".scales", weight.scalesByGroup(), weight.groups(), weight.outputs),
                "{'quant_method':'awq','bits':4,'group_size':" + GROUPS[group] + ",'zero_point':true,'version':'GEMM'}",
                weight);
    }

    private static void check(WrittenCheckpoint checkpoint, String config, Integers weight) throws IOException {
        Path folder = Files.createTempDirectory("integers");
        try (Model model = Model.open(checkpoint.writeTo(folder, config))) {
            ModelLayer layer = model.layer(LAYER);
            layer.check();
            assertThat(layer.spec().inputSize()).isEqualTo(weight.inputs);
            check(layer, TensorParallel.WHOLE, weight, 0);
            check(layer, TensorParallel.columns(1, 2), weight, weight.outputs / 2);
        } finally {
            try (Stream<Path> files = Files.walk(folder)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        }
    }

    private static void check(ModelLayer layer, TensorParallel part, Integers weight, int firstOutput) {
        try (QuantizedLinear linear = layer.load(part, Activations.CONFIG, Optional.empty())) {
            for (int n = 0; n < linear.spec().outputSizePerPartition(); n++) {
                double[] row = linear.weight().row(n);
                for (int k = 0; k < weight.inputs; k++) {
                    assertThat(row[k]).as("w[%d, %d]", n, k).isEqualTo(weight.value(firstOutput + n, k));
                }
            }
        }
    }
}
