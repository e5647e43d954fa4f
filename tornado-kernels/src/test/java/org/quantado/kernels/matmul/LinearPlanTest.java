package org.quantado.kernels.matmul;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import org.apache.commons.math3.linear.MatrixUtils;
import org.apache.commons.math3.linear.RealMatrix;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.quantado.kernels.codec.BFloat16;
import org.quantado.kernels.codec.E2M1;
import org.quantado.kernels.codec.E4M3;
import org.quantado.kernels.codec.E8M0Rule;
import org.quantado.kernels.codec.Float16;
import org.quantado.kernels.codec.ModelDtype;
import org.quantado.kernels.quantize.MxQuantizer;

import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

@Tag("device")
class LinearPlanTest {
    /** Bound of the error of a product that accumulates in float, relative to the sum of the terms' magnitudes. */
    private static final double FLOAT_SUM_TOLERANCE = 1e-5;

    /** Every so many values of x are 500 times as large as the others. */
    private static final int LARGE = 64;
    /** Every so many columns have weights other than 0. */
    private static final int SPARSE = 64;

    private final Random random = new Random(20);

    /** @param table what the codes are worth; empty for values that follow no rule */
    record Layout(int outputs, int inputs, int bits, Optional<FloatArray> table, int groupSize, boolean zeros) {
        Layout(int outputs, int inputs, int bits, FloatArray table, int groupSize, boolean zeros) {
            this(outputs, inputs, bits, Optional.of(table), groupSize, zeros);
        }
    }

    static Stream<Layout> layouts() {
        return Stream.of(new Layout(48, 128, 4, E2M1.table(), 32, false),
                new Layout(33, 96, 8, Optional.empty(), 32, false),
                new Layout(33, 96, 8, E4M3.table(), 32, false), new Layout(40, 70, 8, E4M3.table(), 70, false),
                new Layout(16, 256, 2, integers(2), 256, true), new Layout(7, 100, 4, integers(4), 100, true),
                new Layout(5, 64, 4, E2M1.table(), 16, true), new Layout(17, 64, 4, Optional.empty(), 16, true),
                new Layout(5, 72, 2, integers(2), 8, false), new Layout(3, 70, 8, Optional.empty(), 10, true),
                new Layout(20, 75, 8, integers(8), 25, true), new Layout(50, 66, 5, integers(5), 22, false),
                new Layout(50, 96, 3, integers(3), 32, false), new Layout(1, 32, 8, integers(8), 32, false),
                new Layout(67, 203, 2, integers(2), 203, true), new Layout(130, 99, 8, Optional.empty(), 33, false),
                new Layout(70, 101, 16, Optional.empty(), 101, false),
                new Layout(40, 96, 16, halves(ModelDtype.BF16), 96, false),
                new Layout(33, 75, 16, halves(ModelDtype.BF16), 75, false),
                new Layout(40, 96, 16, halves(ModelDtype.F16), 96, false),
                new Layout(33, 75, 16, halves(ModelDtype.F16), 75, false));
    }

    /** Every number of 16 bits, 1 for infinities and NaN and for numbers with which sums would overflow. */
    private static FloatArray halves(ModelDtype dtype) {
        FloatArray table = new FloatArray(1 << Short.SIZE);
        for (int code = 0; code < table.getSize(); code++) {
            float value = dtype == ModelDtype.BF16 ? BFloat16.toFloat((short) code) : Float16.toFloat((short) code);
            table.set(code, Math.abs(value) < 0x1p100f ? value : 1);
        }
        return table;
    }

    /** Wide enough for chunks and splits of K, and with tails of both. */
    static Stream<Layout> wideLayouts() {
        return Stream.of(new Layout(70, 5003, 4, integers(4), 5003, true),
                new Layout(9, 4160, 4, E2M1.table(), 32, false),
                new Layout(5, 6200, 8, E4M3.table(), 40, true), new Layout(6, 4500, 2, integers(2), 48, true),
                new Layout(3, 4110, 8, Optional.empty(), 10, false));
    }

    static Stream<Arguments> settingsAndWideLayouts() {
        return IntStream.of(1, DeviceSettings.USUAL_WORK_ITEMS)
                .mapToObj(workItems -> new DeviceSettings(Flavour.GPU, Flavour.GPU.usualBlocks(), workItems))
                .flatMap(settings -> wideLayouts().map(layout -> Arguments.of(settings, layout)));
    }

    @ParameterizedTest
    @MethodSource("settingsAndWideLayouts")
    void columnsAreShared(DeviceSettings settings, Layout layout) {
        multipliesLikeFloat64(settings, layout, 1, 3, 16, 49);
    }

    private static FloatArray integers(int bits) {
        FloatArray table = new FloatArray(1 << bits);
        for (int code = 0; code < table.getSize(); code++) {
            table.set(code, code - (1 << (bits - 1)));
        }
        return table;
    }

    static Stream<Arguments> flavoursAndLayouts() {
        return Arrays.stream(Flavour.values()).filter(flavour -> flavour.hindrance().isEmpty())
                .flatMap(flavour -> layouts().map(layout -> Arguments.of(flavour, layout)));
    }

    @ParameterizedTest
    @MethodSource("flavoursAndLayouts")
    void multipliesLikeFloat64ForEveryBatchSize(Flavour flavour, Layout layout) {
        multipliesLikeFloat64(DeviceSettings.of(flavour), layout, 1, 5, 1, 17, 300);
    }

    private void multipliesLikeFloat64(DeviceSettings settings, Layout layout, int... batches) {
        QuantizedMatrix weight = randomMatrix(layout);
        FloatArray bias = randomFloats(layout.outputs);
        RealMatrix dense = dense(weight);
        try (LinearPlan plan = new LinearPlan(new LinearWeight(weight, bias), new FlavourChoice(settings, "tested"),
                Optional.empty(), Optional.empty())) {
            for (int rows : batches) {
                FloatArray x = randomFloats(rows * layout.inputs);
                FloatArray y = new FloatArray(rows * layout.outputs);
                plan.apply(x, rows, y);
                assertProduct(x, rows, dense, bias, y);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("flavoursAndTables")
    void rowsOfZerosGiveTheBias(Flavour flavour, Layout layout) {
        FloatArray table = layout.table.orElseThrow();
        QuantizedMatrix some = randomMatrix(layout);
        int zero = 0;
        while (table.get(zero) != 0) {
            zero++;
        }
        int word = 0;
        for (int bit = 0; bit < Integer.SIZE; bit += some.codeBits()) {
            word |= zero << bit;
        }
        some.words().init(word);
        FloatArray bias = randomFloats(layout.outputs);
        try (LinearPlan plan = new LinearPlan(new LinearWeight(some, bias), new FlavourChoice(flavour, "tested"),
                Optional.empty(), Optional.empty())) {
            FloatArray y = new FloatArray(layout.outputs);
            plan.apply(randomFloats(layout.inputs), 1, y);
            assertThat(y.toHeapArray()).containsExactly(bias.toHeapArray());
        }
    }

    static Stream<Arguments> flavoursAndTables() {
        return flavoursAndLayouts().filter(arguments -> {
            Layout layout = (Layout) arguments.get()[1];
            return layout.table.isPresent() && !layout.zeros;
        });
    }

    static Stream<Arguments> flavoursAndSparseLayouts() {
        Layout[] layouts = {new Layout(20, 512, 2, integers(2), 128, false),
                new Layout(20, 512, 2, integers(2), 32, true),
                new Layout(20, 4096, 4, integers(4), 4096, false), new Layout(20, 512, 4, integers(4), 128, true),
                new Layout(20, 512, 5, integers(5), 32, true), new Layout(20, 512, 4, E2M1.table(), 16, false),
                new Layout(20, 512, 4, E2M1.table(), 32, false), new Layout(20, 512, 8, integers(8), 512, false),
                new Layout(20, 512, 8, integers(8), 128, true), new Layout(20, 512, 8, E4M3.table(), 32, false)};
        return Arrays.stream(Flavour.values()).filter(flavour -> flavour.hindrance().isEmpty())
                .flatMap(flavour -> Arrays.stream(layouts).map(layout -> Arguments.of(flavour, layout)));
    }

    /**
     * A row of weights with an outlier is quantized to few codes that are not 0. What a kernel adds for a weight of 0, and
     * takes out of the sum again, must not be larger than the sum.
     */
    @ParameterizedTest
    @MethodSource("flavoursAndSparseLayouts")
    void weightsOf0AddNothingWhereXIsLarge(Flavour flavour, Layout layout) {
        QuantizedMatrix weight = sparseMatrix(layout);
        FloatArray bias = new FloatArray(layout.outputs);
        RealMatrix dense = dense(weight);
        try (LinearPlan plan = new LinearPlan(new LinearWeight(weight, bias), new FlavourChoice(flavour, "tested"),
                Optional.empty(), Optional.empty())) {
            for (int rows : new int[]{1, 4, 8, 16}) {
                FloatArray x = randomFloats(rows * layout.inputs);
                for (int i = 0; i < x.getSize(); i += LARGE) {
                    x.set(i, x.get(i) * 500);
                }
                FloatArray y = new FloatArray(rows * layout.outputs);
                plan.apply(x, rows, y);
                assertProduct(x, rows, dense, bias, y);
            }
        }
    }

    /** Weights of 0, but for a column of each {@link #SPARSE}, which is not one of those that meet a large x. */
    private QuantizedMatrix sparseMatrix(Layout layout) {
        QuantizedMatrix matrix = randomMatrix(layout);
        FloatArray table = layout.table.orElseThrow();
        int zero = layout.zeros
                ? 1
                : IntStream.range(0, table.getSize()).filter(c -> table.get(c) == 0).findFirst().orElseThrow();
        if (layout.zeros) {
            matrix.zeros().init(table.get(zero));
        }
        int perWord = QuantizedMatrix.codesPerWord(matrix.codeBits());
        int wordsPerRow = QuantizedMatrix.wordsPerRow(layout.inputs, matrix.codeBits());
        for (int i = 0; i < matrix.words().getSize(); i++) {
            int word = 0;
            for (int j = 0; j < perWord; j++) {
                int column = i % wordsPerRow * perWord + j;
                int code = column % SPARSE == SPARSE / 2 ? randomCode(layout) : zero;
                word |= code << (j * matrix.codeBits());
            }
            matrix.words().set(i, word);
        }
        return matrix;
    }

    @Test
    void quantizesActivationsInTheGraph() {
        QuantizedMatrix weight = randomMatrix(new Layout(40, 128, 8, E4M3.table(), 32, false));
        FloatArray bias = randomFloats(40);
        MxQuantizer mxfp8 = MxQuantizer.mxfp8(E8M0Rule.CEIL_448);
        try (LinearPlan plan = new LinearPlan(new LinearWeight(weight, bias), Optional.of(mxfp8),
                Optional.empty())) {
            FloatArray x = randomFloats(6 * 128);
            FloatArray y = new FloatArray(6 * 40);
            plan.apply(x, 6, y);
            assertProduct(fakeQuantized(x), 6, dense(weight), bias, y);
        }
    }

    private static FloatArray fakeQuantized(FloatArray x) {
        FloatArray quantized = new FloatArray(x.getSize());
        for (int group = 0; group < x.getSize(); group += MxQuantizer.GROUP_SIZE) {
            float amax = 0;
            for (int i = group; i < group + MxQuantizer.GROUP_SIZE; i++) {
                amax = Math.max(amax, Math.abs(x.get(i)));
            }
            float scale = Math.scalb(1.0f, E8M0Rule.CEIL_448.encode(amax) - 127);
            for (int i = group; i < group + MxQuantizer.GROUP_SIZE; i++) {
                quantized.set(i, E4M3.decode(E4M3.encode(x.get(i) / scale, E4M3.Overflow.NAN)) * scale);
            }
        }
        return quantized;
    }

    private QuantizedMatrix randomMatrix(Layout layout) {
        int codeBits = QuantizedMatrix.codeBitsFor(layout.bits, layout.inputs, layout.groupSize);
        IntArray words = new IntArray(
                layout.outputs * QuantizedMatrix.wordsPerRow(layout.inputs, codeBits));
        int perWord = QuantizedMatrix.codesPerWord(codeBits);
        for (int i = 0; i < words.getSize(); i++) {
            int word = 0;
            for (int j = 0; j < perWord; j++) {
                word |= randomCode(layout) << (j * codeBits);
            }
            words.set(i, word);
        }
        FloatArray table = layout.table.orElseGet(() -> randomFloats(1 << layout.bits));
        int groups = layout.outputs * QuantizedMatrix.groups(layout.inputs, layout.groupSize);
        return new QuantizedMatrix(layout.outputs, layout.inputs, codeBits, words, table, layout.groupSize,
                randomFloats(groups), layout.zeros ? randomFloats(groups) : new FloatArray(1));
    }

    private int randomCode(Layout layout) {
        int code = random.nextInt(1 << layout.bits);
        boolean isNumber = layout.table.map(table -> !Float.isNaN(table.get(code))).orElse(true);
        return isNumber ? code : 0;
    }

    private FloatArray randomFloats(int size) {
        FloatArray floats = new FloatArray(size);
        for (int i = 0; i < size; i++) {
            floats.set(i, (float) random.nextGaussian());
        }
        return floats;
    }

    /** Decodes codes one by one, apart from the code under test. */
    private static RealMatrix dense(QuantizedMatrix weight) {
        RealMatrix dense = MatrixUtils.createRealMatrix(weight.outputs(), weight.inputs());
        int perWord = QuantizedMatrix.codesPerWord(weight.codeBits());
        int wordsPerRow = QuantizedMatrix.wordsPerRow(weight.inputs(), weight.codeBits());
        int groups = QuantizedMatrix.groups(weight.inputs(), weight.groupSize());
        for (int n = 0; n < weight.outputs(); n++) {
            for (int k = 0; k < weight.inputs(); k++) {
                int word = weight.words().get(n * wordsPerRow + k / perWord);
                int code = (word >> (k % perWord * weight.codeBits())) & (weight.table().getSize() - 1);
                int group = n * groups + k / weight.groupSize();
                double zero = weight.hasZeros() ? weight.zeros().get(group) : 0;
                dense.setEntry(n, k, (weight.table().get(code) - zero) * weight.scales().get(group));
            }
        }
        return dense;
    }

    private static void assertProduct(FloatArray x, int rows, RealMatrix weight, FloatArray bias,
            FloatArray y) {
        for (int m = 0; m < rows; m++) {
            for (int n = 0; n < weight.getRowDimension(); n++) {
                double expected = bias.get(n);
                double magnitude = Math.abs(expected);
                for (int k = 0; k < weight.getColumnDimension(); k++) {
                    double term = x.get(m * weight.getColumnDimension() + k) * weight.getEntry(n, k);
                    expected += term;
                    magnitude += Math.abs(term);
                }
                assertThat(Math.abs(y.get(m * weight.getRowDimension() + n) - expected))
                        .as("y[%d, %d]", m, n).isLessThanOrEqualTo(FLOAT_SUM_TOLERANCE * magnitude);
            }
        }
    }
}
