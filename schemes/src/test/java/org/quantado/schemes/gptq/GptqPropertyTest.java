package org.quantado.schemes.gptq;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Tag;
import org.quantado.kernels.codec.ModelDtype;
import org.quantado.kernels.hessian.Hessian;
import org.quantado.schemes.config.ActivationOrdering;
import org.quantado.schemes.config.ConfigGroup;
import org.quantado.schemes.config.QuantizationArgs;
import org.quantado.schemes.config.Target;
import org.quantado.schemes.quantize.FloatWeight;
import org.quantado.schemes.quantize.Observer;
import org.quantado.schemes.quantize.Preset;
import org.quantado.schemes.quantize.QuantizeException;
import org.quantado.schemes.quantize.RoundedWeight;
import org.quantado.schemes.quantize.ScaleSearch;
import org.quantado.schemes.quantize.WeightRounding;
import org.quantado.schemes.quantize.WeightScheme;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

class GptqPropertyTest {
    private static final int ROWS = 70;
    private static final int COLUMNS = 256;
    private static final GptqOptions UNDAMPENED = new GptqOptions(GptqOptions.DEFAULT.blockSize(), 0);

    /** Presets whose weights are integers, FP8, MXFP and NVFP4. */
    enum Format {
        W4A16, W4A16_ASYM, W8A8, FP8, MXFP4A16, MXFP8A16, NVFP4A16
    }

    enum Order {
        NONE, WEIGHT, GROUP
    }

    @Property(tries = 30)
    void orthogonalInputsGiveRoundToNearest(@ForAll Format format, @ForAll Order order, @ForAll int seed) {
        FloatWeight weight = weight(seed, ModelDtype.F32);
        Random random = new Random(seed);
        float[] diagonal = new float[COLUMNS];
        for (int k = 0; k < COLUMNS; k++) {
            diagonal[k] = order == Order.GROUP ? 1 : 0.1f + random.nextFloat();
        }
        WeightRounding rounding = rounding(format, order, weight);

        GptqWeight gptq = new Gptq(UNDAMPENED, GptqPropertyTest::refuse).quantize(weight, rounding, diagonal(diagonal));

        assertSame(gptq.rounded(), rounding.toNearest(weight, COLUMNS));
    }

    @Property(tries = 12)
    void itLosesLessThanRoundToNearest(@ForAll Format format, @ForAll Order order, @ForAll int seed) {
        FloatWeight weight = weight(seed, ModelDtype.BF16);
        float[][] x = correlated(seed, 512);
        WeightRounding rounding = rounding(format, order, weight);

        RoundedWeight nearest = rounding.toNearest(weight, COLUMNS);
        Gptq gptq = new Gptq(GptqOptions.DEFAULT, GptqPropertyTest::refuse);
        Hessian hessian = hessian(x);

        GptqWeight ours = gptq.quantize(weight, rounding, hessian);

        assertThat(outputError(x, weight, ours.rounded())).isLessThan(outputError(x, weight, nearest));
        assertThat(ours.loss().orElseThrow()).isLessThan(gptq.loss(weight, nearest, hessian).orElseThrow());
        assertThat(gptq.loss(weight, nearest, hessian).orElseThrow())
                .isBetween(outputError(x, weight, nearest), outputError(x, weight, nearest) * 1.2);
    }

    @Property(tries = 12)
    void aChannelThatWasAlwaysZeroGetsWeightZero(@ForAll Format format, @ForAll Order order, @ForAll int seed,
            @ForAll @IntRange(max = COLUMNS - 1) int dead) {
        FloatWeight weight = weight(seed, ModelDtype.BF16);
        float[][] x = correlated(seed, 300);
        for (float[] row : x) {
            row[dead] = 0;
        }
        RoundedWeight rounded = new Gptq(GptqOptions.DEFAULT, GptqPropertyTest::refuse)
                .quantize(weight, rounding(format, order, weight), hessian(x)).rounded();

        for (int row = 0; row < ROWS; row++) {
            assertThat(rounded.decode(row)[dead]).isZero();
        }
    }

    @Property(tries = 10)
    void aHessianThatIsNotPositiveDefiniteIsDampenedFurther(@ForAll Order order, @ForAll int seed,
            @ForAll @IntRange(min = 1, max = 20) int tokens) {
        FloatWeight weight = weight(seed, ModelDtype.BF16);
        float[][] x = correlated(seed, tokens);
        List<String> warnings = new ArrayList<>();

        GptqWeight gptq = new Gptq(UNDAMPENED, warnings::add)
                .quantize(weight, rounding(Format.W4A16, order, weight), hessian(x));

        assertThat(warnings).isNotEmpty()
                .allSatisfy(warning -> assertThat(warning).contains("layer some.layer", "not positive definite"));
        assertThat(gptq.dampening()).isGreaterThan(0);
        assertThat(gptq.loss().orElseThrow()).isFinite();
        for (int row = 0; row < ROWS; row++) {
            for (float value : gptq.rounded().decode(row)) {
                assertThat(value).isFinite();
            }
        }
    }

    @Property(tries = 10)
    void aLayerThatSawNoTokensIsRoundedToNearest(@ForAll Format format, @ForAll Order order, @ForAll int seed) {
        FloatWeight weight = weight(seed, ModelDtype.F16);
        WeightRounding rounding = rounding(format, order, weight);
        List<String> warnings = new ArrayList<>();

        GptqWeight gptq = new Gptq(GptqOptions.DEFAULT, warnings::add).quantize(weight, rounding,
                new Hessian(new FloatArray(COLUMNS * COLUMNS), COLUMNS, COLUMNS, 0));

        assertThat(warnings).singleElement().asString().contains("some.layer", "saw no tokens", "to nearest");
        assertThat(gptq.loss()).isEmpty();
        assertSame(gptq.rounded(), rounding.toNearest(weight, COLUMNS));
        assertThat(gptq.rounded().blocks().groups().isPresent()).isEqualTo(rounding.scheme().hasGroupIndex());
    }

    @Property(tries = 5)
    void theBlockSizeChangesTheLastBitsOnly(@ForAll @IntRange(min = 1, max = COLUMNS + 50) int blockSize,
            @ForAll int seed) {
        FloatWeight weight = weight(seed, ModelDtype.F32);
        Hessian hessian = hessian(correlated(seed, 512));
        WeightRounding rounding = rounding(Format.W4A16, Order.WEIGHT, weight);
        RoundedWeight usual = new Gptq(GptqOptions.DEFAULT, GptqPropertyTest::refuse)
                .quantize(weight, rounding, hessian).rounded();

        RoundedWeight other = new Gptq(new GptqOptions(blockSize, GptqOptions.DEFAULT.dampening()),
                GptqPropertyTest::refuse)
                .quantize(weight, rounding, hessian).rounded();

        int different = 0;
        for (int row = 0; row < ROWS; row++) {
            for (int k = 0; k < COLUMNS; k++) {
                different += usual.codes().apply(row)[k] == other.codes().apply(row)[k] ? 0 : 1;
            }
        }
        assertThat(different).isLessThan(ROWS * COLUMNS / 100);
    }

    @Example
    void inputsThatAreNotFiniteAreRefusedByName() {
        FloatWeight weight = weight(1, ModelDtype.F32);
        float[] diagonal = new float[COLUMNS];
        diagonal[3] = Float.NaN;

        assertThatThrownBy(() -> new Gptq(GptqOptions.DEFAULT, GptqPropertyTest::refuse).quantize(weight,
                rounding(Format.W4A16, Order.NONE, weight), diagonal(diagonal))).isInstanceOf(QuantizeException.class)
                .hasMessageContainingAll("some.layer", "inputs that are not finite");
    }

    private static void refuse(String warning) {
        throw new AssertionError(warning);
    }

    private static FloatWeight weight(int seed, ModelDtype dtype) {
        Random random = new Random(seed);
        float[] values = new float[ROWS * COLUMNS];
        for (int i = 0; i < values.length; i++) {
            values[i] = dtype.round((float) random.nextGaussian() / 16);
        }
        return new FloatWeight("some.layer", values, ROWS, COLUMNS, dtype);
    }

    private static WeightRounding rounding(Format format, Order order, FloatWeight weight) {
        ConfigGroup group = Preset.named(format.name()).group("group_0", List.of(Target.of("Linear")));
        QuantizationArgs args = group.weights().orElseThrow();
        boolean scatters = order == Order.GROUP && format.name().startsWith("W4A16");
        Optional<ActivationOrdering> wanted = order == Order.NONE
                ? Optional.empty()
                : Optional.of(scatters ? ActivationOrdering.GROUP : ActivationOrdering.WEIGHT);
        WeightScheme scheme = WeightScheme.of(new ConfigGroup(group.name(), group.targets(),
                Optional.of(GptqOptions.ordered(args, wanted)), group.inputActivations(), group.outputActivations(),
                group.format()));
        return new WeightRounding(scheme, weight.dtype(), scheme.hasGlobalScale() ? ScaleSearch.amax(weight) : 0,
                Observer.MINMAX);
    }

    private static Hessian diagonal(float[] diagonal) {
        FloatArray values = new FloatArray(COLUMNS * COLUMNS);
        for (int k = 0; k < COLUMNS; k++) {
            values.set(k * COLUMNS + k, diagonal[k]);
        }
        return new Hessian(values, COLUMNS, COLUMNS, COLUMNS);
    }

    private static Hessian hessian(float[][] x) {
        FloatArray values = new FloatArray(COLUMNS * COLUMNS);
        for (int i = 0; i < COLUMNS; i++) {
            for (int j = 0; j < COLUMNS; j++) {
                double sum = 0;
                for (float[] row : x) {
                    sum += (double) row[i] * row[j];
                }
                values.set(i * COLUMNS + j, (float) (2 * sum));
            }
        }
        return new Hessian(values, COLUMNS, COLUMNS, x.length);
    }

    /** Channels share some of their values, as activations do. */
    private static float[][] correlated(int seed, int tokens) {
        Random random = new Random(seed);
        float[][] x = new float[tokens][COLUMNS];
        for (float[] row : x) {
            double[] shared = random.doubles(8).map(value -> value * 2 - 1).toArray();
            for (int k = 0; k < COLUMNS; k++) {
                row[k] = (float) (shared[k % 8] * 2 + shared[k / 37] + random.nextGaussian());
            }
        }
        return x;
    }

    private static double outputError(float[][] x, FloatWeight weight, RoundedWeight rounded) {
        double sum = 0;
        for (int row = 0; row < ROWS; row++) {
            float[] values = rounded.decode(row);
            for (float[] token : x) {
                double error = 0;
                for (int k = 0; k < COLUMNS; k++) {
                    error += (double) (values[k] - weight.get(row, k)) * token[k];
                }
                sum += error * error;
            }
        }
        return sum;
    }

    /** The values are the same; the sign of a zero is not told by a value that is rounded once more. */
    private static void assertSame(RoundedWeight ours, RoundedWeight expected) {
        for (int row = 0; row < ROWS; row++) {
            float[] values = ours.decode(row);
            float[] nearest = expected.decode(row);
            for (int k = 0; k < COLUMNS; k++) {
                assertThat(values[k] == nearest[k]).as("row %d, column %d", row, k).isTrue();
            }
        }
    }
}
