package org.quantado.kernels.codec;

import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/**
 * E8M0, the scale of MX blocks: byte {@code b} stands for {@code 2^(b - 127)}.
 *
 * <p>
 * Byte 0 is the subnormal float {@code 2^-127}. Byte 255 is NaN in the OCP Microscaling Formats (MX) Specification,
 * revision 1.0, section 5.4.1, but +Inf in vLLM and compressed-tensors and so here: {@code 2^128} overflows. How a block's
 * largest magnitude becomes a byte is an {@link E8M0Rule}.
 */
public final class E8M0 {
    /** What is subtracted from a byte to give the power of two. */
    public static final int BIAS = 127;
    /** The byte that stands for no finite scale. */
    public static final int NOT_FINITE = 255;
    /** The entries of a table of a rule's thresholds. */
    public static final int THRESHOLDS = 256;

    private static final int CODES = 256;

    private E8M0() {
    }

    /** The value of a byte 0 to 255. */
    public static float decode(int code) {
        return Math.scalb(1.0f, code - BIAS);
    }

    /** The values of all 256 bytes, in a new array. */
    public static FloatArray table() {
        FloatArray table = new FloatArray(CODES);
        for (int code = 0; code < CODES; code++) {
            table.set(code, decode(code));
        }
        return table;
    }

    /**
     * The byte for the largest magnitude of a block; NaN gives {@link #NOT_FINITE}. Kernel-usable.
     *
     * @param amax the largest magnitude of the block, not negative
     * @param thresholds of the rule, from {@link E8M0Rule#thresholds()}
     * @param underflowCode the rule's {@link E8M0Rule#underflowCode()}
     */
    public static int encode(float amax, FloatArray thresholds, int underflowCode) {
        int rank = Thresholds.rank(thresholds, THRESHOLDS, amax);
        int code = rank == 0 ? underflowCode : rank;
        return Float.isNaN(amax) ? NOT_FINITE : code;
    }
}
