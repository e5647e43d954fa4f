package org.quantado.kernels.codec;

import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/**
 * Rounding a float to a narrower float type by arithmetic, for devices whose compiler reaches no bit patterns.
 *
 * <p>
 * With {@code 2^e} the power of two below a value and {@code p} the type's significant bits, the value is scaled by
 * {@code 2^(p-1-e)} so that its last bit in the narrow type is worth one, rounded to an integer, and scaled back. Both
 * scales are applied in two steps, one of them constant, because for the smallest and largest {@code e} they are no
 * normal floats. Scaling by powers of two is exact, but in this order only: a compiler that may reassociate products,
 * as OpenCL's fast math does, lets the largest values overflow.
 */
public final class RoundToDtype {
    private static final int EXPONENTS = 256;
    private static final int POWER = EXPONENTS;
    private static final int INVERSE_POWER = POWER + EXPONENTS;
    private static final int TO_LAST_BIT = INVERSE_POWER + EXPONENTS;
    private static final int FROM_LAST_BIT = TO_LAST_BIT + 1;
    private static final int TABLE_SIZE = FROM_LAST_BIT + 1;

    private RoundToDtype() {
    }

    /**
     * The nearest value of the type, ties to even, as {@link ModelDtype#round}. Kernel-usable.
     *
     * @param table from {@link ModelDtype#roundingTable()}
     */
    public static float round(float value, FloatArray table) {
        float magnitude = TornadoMath.abs(value);
        int exponent = Thresholds.rank(table, EXPONENTS, magnitude);
        float scaled = magnitude * table.get(INVERSE_POWER + exponent) * table.get(TO_LAST_BIT);
        float integer = RoundToInt.halfToEven(scaled);
        float rounded = integer * table.get(FROM_LAST_BIT) * table.get(POWER + exponent);
        return magnitude == 0.0f ? value : (value < 0.0f ? -rounded : rounded);
    }

    /** Thresholds of the exponents from the smallest on; for each its power {@code 2^e}, and {@code 2^(1-e)}; two constants. */
    static FloatArray table(int significantBits, int minExponent, int maxExponent) {
        FloatArray table = new FloatArray(TABLE_SIZE);
        float largest = Math.scalb(2.0f - Math.scalb(1.0f, 1 - significantBits), maxExponent);
        float halfOfLastBit = Math.scalb(0.5f, maxExponent + 1 - significantBits);
        for (int index = 0; index < EXPONENTS; index++) {
            int exponent = Math.min(minExponent + index, maxExponent);
            boolean inRange = minExponent + index <= maxExponent;
            table.set(index, inRange ? Math.nextDown(Math.scalb(2.0f, exponent)) : Float.POSITIVE_INFINITY);
            table.set(POWER + index, inRange ? Math.scalb(1.0f, exponent) : Float.POSITIVE_INFINITY);
            table.set(INVERSE_POWER + index, Math.scalb(2.0f, -exponent));
        }
        table.set(maxExponent - minExponent, Math.nextDown(largest + halfOfLastBit));
        table.set(TO_LAST_BIT, Math.scalb(0.5f, significantBits - 1));
        table.set(FROM_LAST_BIT, Math.scalb(1.0f, 1 - significantBits));
        return table;
    }
}
