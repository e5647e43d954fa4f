package org.quantado.kernels.matmul.tiled;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

import org.quantado.kernels.codec.BFloat16;
import org.quantado.kernels.codec.E2M1;
import org.quantado.kernels.codec.E4M3;
import org.quantado.kernels.codec.Float16;

/**
 * Codes that vector units decode without a table: a field of some bits holds a signed digit and, below it, how far to
 * shift it to the left; {@code value = (digit << amount) * 2^-fraction}.
 *
 * <p>A <em>unit</em> of 32 columns takes as many words as a field has bits; it is two <em>runs</em> of 16 columns. Where the
 * width divides a word, a run is four <em>pieces</em> of four fields. Otherwise it is five pieces of three fields, and its
 * 16th field is made of the bits that words have left. A word holds whole pieces in its higher bits, and the spare bits of
 * each in its lowest two: those of an earlier piece are higher, in the word and in the field.
 *
 * <p>Integers are digits alone. The values of E2M1 are 5-bit integers of halves. The values of E4M3 are
 * {@code +-(8 + m) << e} in units of 2^-9: a digit of 8 bits takes the lower two bits of e, the shift the upper ones.
 */
public enum TileCode {
    INT2(2, 2), INT4(4, 4), INT5(5, 5), INT8(8, 8), SHIFTED10(10, 8),
    /** The codes of E2M1 themselves, for kernels that pick lanes of a vector by them. */
    E2M1_CODE(4, 4) {
        @Override
        Optional<Integer> field(float value) {
            int sign = Float.floatToRawIntBits(value) < 0 ? E2M1.SIGN_BIT : 0;
            int code = E2M1.encode(Math.abs(value)) | sign;
            return E2M1.decode(code) == value ? Optional.of(code) : Optional.empty();
        }
    },
    /** The codes of E4M3 themselves, for kernels that can take bits for a float. */
    E4M3_CODE(8, 8) {
        @Override
        Optional<Integer> field(float value) {
            int code = E4M3.encode(value, E4M3.Overflow.NAN);
            return E4M3.decode(code) == value ? Optional.of(code) : Optional.empty();
        }
    },
    /** The bits of bfloat16 numbers themselves. */
    BF16_BITS(16, 16) {
        @Override
        Optional<Integer> field(float value) {
            return BFloat16.round(value) == value && Float.isFinite(value)
                    ? Optional.of(Short.toUnsignedInt(BFloat16.fromFloat(value)))
                    : Optional.empty();
        }
    },
    /** The bits of binary16 numbers themselves. */
    F16_BITS(16, 16) {
        @Override
        Optional<Integer> field(float value) {
            return Float16.round(value) == value && Float.isFinite(value)
                    ? Optional.of(Short.toUnsignedInt(Float16.fromFloat(value)))
                    : Optional.empty();
        }
    };

    /** Columns of a run. */
    public static final int RUN = 16;

    /** Columns of a unit. */
    public static final int UNIT = 2 * RUN;

    /** Pieces of a run whose pieces have four fields. */
    public static final int FOURS = 4;

    /** Pieces of a run whose pieces have three fields. */
    static final int THREES = 5;

    /** How many bits a word of threes has to spare: its lowest. */
    static final int SPARE_BITS = 2;

    /** The spare bits of a word of threes. */
    static final int SPARE_MASK = (1 << SPARE_BITS) - 1;

    /** The finest unit that is looked for: that of E4M3. */
    private static final int MAX_FRACTION = 9;

    /** Amounts are multiples of 4: digits of 8 bits then have each significand of 4 bits in two amounts at most. */
    private static final int AMOUNT_STEP = 4;

    /** Amounts in a field are divided by their step. */
    private static final int AMOUNT_STEP_BITS = 2;

    private final int width;
    private final int digitBits;

    TileCode(int width, int digitBits) {
        this.width = width;
        this.digitBits = digitBits;
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
            return code.field(value * (1 << fraction));
        }
    }

    /** The first of these codes that has all of these values, except NaN and infinities, which none has. */
    static Optional<Scaled> first(List<TileCode> codes, float[] values) {
        for (TileCode code : codes) {
            for (int fraction = 0; fraction <= MAX_FRACTION; fraction++) {
                Scaled scaled = new Scaled(code, fraction);
                boolean all = true;
                for (float value : values) {
                    all = all && (!Float.isFinite(value) || scaled.field(value).isPresent());
                }
                if (all) {
                    return Optional.of(scaled);
                }
            }
        }
        return Optional.empty();
    }

    /** The field that stands for a value, in units of its lowest bit. */
    Optional<Integer> field(float value) {
        if (value != Math.rint(value) || Math.abs(value) >= 1 << 24) {
            return Optional.empty();
        }
        int amount = 0;
        int digit = (int) value;
        int maxAmount = ((1 << amountBits()) - 1) << AMOUNT_STEP_BITS;
        while (!isDigit(digit) && amount < maxAmount && digit % (1 << AMOUNT_STEP) == 0) {
            amount += AMOUNT_STEP;
            digit >>= AMOUNT_STEP;
        }
        return isDigit(digit)
                ? Optional.of(((digit & ((1 << digitBits) - 1)) << amountBits()) | (amount >> AMOUNT_STEP_BITS))
                : Optional.empty();
    }

    private boolean isDigit(int value) {
        return value >= -(1 << (digitBits - 1)) && value < 1 << (digitBits - 1);
    }

    /** Bits of a field. */
    public int width() {
        return width;
    }

    /** Bits of the digit, the highest of the field. */
    public int digitBits() {
        return digitBits;
    }

    /** Bits of the amount, the lowest of the field, which say it in steps of 4. */
    public int amountBits() {
        return width - digitBits;
    }

    /** Pieces of a run: {@link #FOURS} or {@link #THREES}. */
    public int piecesPerRun() {
        return Integer.SIZE % width == 0 ? FOURS : THREES;
    }

    /** Fields of a piece. */
    int fieldsPerPiece() {
        return RUN / piecesPerRun();
    }

    int piecesPerWord() {
        return Integer.SIZE / (fieldsPerPiece() * width);
    }

    /** Whether the field of a column of a unit is made of spare bits. */
    public boolean isSpare(int column) {
        return piecesPerRun() == THREES && column % RUN == RUN - 1;
    }

    /**
     * How far above a word's lowest bit the field of a column begins.
     *
     * @param column of a unit, not a {@linkplain #isSpare spare} one
     */
    public int place(int column) {
        int inRun = column % RUN;
        if (piecesPerRun() == FOURS) {
            return column * width % Integer.SIZE;
        }
        int piece = column / RUN * THREES + inRun / fieldsPerPiece();
        return SPARE_BITS + (piece % piecesPerWord() * fieldsPerPiece() + inRun % fieldsPerPiece()) * width;
    }

    /** Whether a column of a unit has a field below the highest bits of a word, whose sign is no sign of the word. */
    public boolean isInside(int column) {
        return !isSpare(column) && place(column) + width < Integer.SIZE;
    }

    /** The highest bits of the fields of a word that are {@linkplain #isInside inside}. */
    public int signsInside() {
        int signs = 0;
        int wholeFields = piecesPerRun() == FOURS ? Integer.SIZE / width : fieldsPerPiece() * piecesPerWord();
        for (int column = 0; column < wholeFields; column++) {
            if (isInside(column)) {
                signs |= 1 << (place(column) + width - 1);
            }
        }
        return signs;
    }

    /**
     * Puts the fields of a unit into its words.
     *
     * @param fields 32 fields, in the order of their columns
     * @param unit receives as many words as a field has bits
     */
    void pack(int[] fields, int[] unit) {
        if (piecesPerRun() == FOURS) {
            int perWord = Integer.SIZE / width;
            for (int w = 0; w < width; w++) {
                int word = 0;
                for (int j = perWord - 1; j >= 0; j--) {
                    word = (word << width) | fields[w * perWord + j];
                }
                unit[w] = word;
            }
        } else {
            Arrays.fill(unit, 0);
            packThrees(fields, 0, unit);
            packThrees(fields, 1, unit);
        }
    }

    private void packThrees(int[] fields, int run, int[] unit) {
        int perPiece = width / THREES;
        int last = fields[run * RUN + RUN - 1];
        for (int p = 0; p < THREES; p++) {
            int first = run * RUN + 3 * p;
            int piece = fields[first] | (fields[first + 1] << width) | (fields[first + 2] << (2 * width));
            int spare = (last >> ((THREES - 1 - p) * perPiece)) & ((1 << perPiece) - 1);
            int inWord = (run * THREES + p) % piecesPerWord();
            unit[(run * THREES + p) / piecesPerWord()] |= (piece << (SPARE_BITS + inWord * 3 * width))
                    | (spare << (SPARE_BITS - (inWord + 1) * perPiece));
        }
    }
}
