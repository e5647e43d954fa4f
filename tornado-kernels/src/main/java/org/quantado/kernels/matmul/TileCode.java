package org.quantado.kernels.matmul;

import java.util.Optional;

/**
 * Codes that vector units decode without a table: a field of a 32-bit word holds a signed digit and, above it, how far
 * to shift it to the left; {@code value = (digit << amount) * 2^-fraction}.
 *
 * <p>Integers are digits alone. The values of E2M1 are 5-bit integers of halves. The values of E4M3 are
 * {@code +-(8 + m) << e} in units of 2^-9: a digit of 8 bits takes the lower two bits of e, the shift the upper ones.
 */
enum TileCode {
    INT2(2, 2, 0), INT4(4, 4, 0), INT5(5, 5, 0), INT8(8, 8, 0), SHIFTED10(10, 8, 12);

    /** The finest unit that is looked for: that of E4M3. */
    private static final int MAX_FRACTION = 9;

    /** Amounts are multiples of 4: digits of 8 bits then have each significand of 4 bits in two amounts at most. */
    private static final int AMOUNT_STEP = 4;

    /** Bits that are 0 in every amount, and left out of the field. */
    private static final int UNSTORED_AMOUNT_BITS = 2;

    private final int width;
    private final int digitBits;
    private final int amountMask;

    TileCode(int width, int digitBits, int amountMask) {
        this.width = width;
        this.digitBits = digitBits;
        this.amountMask = amountMask;
    }

    /**
     * A code and a unit.
     *
     * @param code what the fields look like
     * @param fraction the value of the lowest bit is 2^-fraction
     */
    record Scaled(TileCode code, int fraction) {
        /** The field that holds a value, if one does. */
        Optional<Integer> field(float value) {
            float units = value * (1 << fraction);
            return units == Math.rint(units) && Math.abs(units) < 1 << 24
                    ? code.field((int) units)
                    : Optional.empty();
        }
    }

    /** The narrowest code that has all of these values, except NaN, which none has. */
    static Optional<Scaled> narrowest(float[] values) {
        for (TileCode code : values()) {
            for (int fraction = 0; fraction <= MAX_FRACTION; fraction++) {
                Scaled scaled = new Scaled(code, fraction);
                boolean all = true;
                for (float value : values) {
                    all = all && (Float.isNaN(value) || scaled.field(value).isPresent());
                }
                if (all) {
                    return Optional.of(scaled);
                }
            }
        }
        return Optional.empty();
    }

    private Optional<Integer> field(int units) {
        int amount = 0;
        int digit = units;
        while (!isDigit(digit) && amount < amountMask && digit % (1 << AMOUNT_STEP) == 0) {
            amount += AMOUNT_STEP;
            digit >>= AMOUNT_STEP;
        }
        return isDigit(digit)
                ? Optional.of((amount << (digitBits - UNSTORED_AMOUNT_BITS)) | (digit & ((1 << digitBits) - 1)))
                : Optional.empty();
    }

    private boolean isDigit(int value) {
        return value >= -(1 << (digitBits - 1)) && value < 1 << (digitBits - 1);
    }

    /** Bits of a field. */
    int width() {
        return width;
    }

    /** Bits of the digit, the lowest of the field. */
    int digitBits() {
        return digitBits;
    }

    /** Mask of the amount, applied to the field without all but the two highest bits of its digit. */
    int amountMask() {
        return amountMask;
    }

    /** Fields of a word. */
    int perWord() {
        return Integer.SIZE / width;
    }
}
