package org.quantado.kernels.codec;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

class RoundingTest {
    private static final int SAMPLES = 4_000_000;
    private static final int BITS_OF_INFINITY = 0x7f800000;
    private static final int BITS_OF_MIN_NORMAL = 0x00800000;

    @Test
    void halfToEvenIsRint() {
        randomFloats().forEach(bits -> {
            float value = Float.intBitsToFloat(bits);
            assertSame(RoundToInt.halfToEven(value), (float) Math.rint(value), value);
        });
        for (float value : EveryBFloat16.values()) {
            assertSame(RoundToInt.halfToEven(value), (float) Math.rint(value), value);
        }
    }

    @ParameterizedTest
    @CsvSource(textBlock = """
            0.49999997, 0, 0
            0.5, 0, 1
            -0.5, -0.0, -1
            1.5, 2, 2
            2.5, 2, 3
            -2.5, -2, -3
            8388607.5, 8388608, 8388608
            -0.0, -0.0, -0.0
            Infinity, Infinity, Infinity
            NaN, NaN, NaN
            """)
    void halfwayCases(float value, float toEven, float awayFromZero) {
        assertSame(RoundToInt.halfToEven(value), toEven, value);
        assertSame(RoundToInt.halfAwayFromZero(value), awayFromZero, value);
    }

    @Property(tries = 20_000)
    void halfAwayFromZeroIsDecimalHalfUp(@ForAll @IntRange(max = BITS_OF_INFINITY - 1) int bits,
            @ForAll boolean negative) {
        float value = negative ? -Float.intBitsToFloat(bits) : Float.intBitsToFloat(bits);
        float expected = new BigDecimal(value).setScale(0, RoundingMode.HALF_UP).floatValue();
        float withoutNegativeZero = RoundToInt.halfAwayFromZero(value) + 0.0f;
        assertThat(withoutNegativeZero).isEqualTo(expected);
    }

    /** The arithmetic that devices round with against the bit operations of plain Java. */
    @ParameterizedTest
    @EnumSource
    void arithmeticAndBitsRoundAlike(ModelDtype dtype) {
        FloatArray table = dtype.roundingTable();
        randomFloats().forEach(bits -> {
            float value = Float.intBitsToFloat(bits);
            assertSame(RoundToDtype.round(value, table), dtype.round(value), value);
        });
        for (float value : EveryBFloat16.values()) {
            assertSame(RoundToDtype.round(value, table), dtype.round(value), value);
        }
        IntStream.range(0, 1 << Short.SIZE).forEach(bits -> {
            float value = Float16.toFloat((short) bits);
            assertSame(RoundToDtype.round(value, table), dtype.round(value), value);
            float halfway = value + (Float16.toFloat((short) (bits + 1)) - value) / 2;
            assertSame(RoundToDtype.round(halfway, table), dtype.round(halfway), halfway);
        });
    }

    @Test
    void everyBFloat16AndFloat16IsItself() {
        IntStream.range(0, 1 << Short.SIZE).forEach(bits -> {
            float brain = BFloat16.toFloat((short) bits);
            float half = Float16.toFloat((short) bits);
            assertThat(Float.isNaN(brain) || BFloat16.fromFloat(brain) == (short) bits).isTrue();
            assertThat(Float.isNaN(half) || Float16.fromFloat(half) == (short) bits).isTrue();
        });
    }

    @ParameterizedTest
    @CsvSource(textBlock = """
            0x3f808000, 0x3f80
            0x3f818000, 0x3f82
            0x3f808001, 0x3f81
            0x3f807fff, 0x3f80
            0x7f7fffff, 0x7f80
            0x7f7f7fff, 0x7f7f
            0x80000000, 0x8000
            0x80008000, 0x8000
            0x7f800001, 0x7fc0
            0xffffffff, 0x7fc0
            """)
    void floatsAreRoundedToTheNearestBFloat16(long floatBits, int bits) {
        assertThat(BFloat16.fromFloat(Float.intBitsToFloat((int) floatBits))).isEqualTo((short) bits);
    }

    /** Against double arithmetic, which is exact here, where the result is a normal number. */
    @Property(tries = 20_000)
    void bfloat16HasEightSignificantBits(
            @ForAll @IntRange(min = BITS_OF_MIN_NORMAL, max = BITS_OF_INFINITY
                    - (1 << Short.SIZE)) int bits) {
        float value = Float.intBitsToFloat(bits);
        int exponentOfLastBit = Math.getExponent(value) - 7;
        double steps = Math.rint(Math.scalb((double) value, -exponentOfLastBit));
        assertThat(BFloat16.round(value)).isEqualTo((float) Math.scalb(steps, exponentOfLastBit));
    }

    private static IntStream randomFloats() {
        return new SplittableRandom(1).ints(SAMPLES);
    }

    private static void assertSame(float actual, float expected, float value) {
        if (Float.floatToIntBits(actual) != Float.floatToIntBits(expected)) {
            throw new AssertionError(value + " is rounded to " + actual + " instead of " + expected);
        }
    }
}
