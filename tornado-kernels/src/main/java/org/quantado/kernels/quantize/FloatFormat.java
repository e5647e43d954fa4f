package org.quantado.kernels.quantize;

import java.util.Objects;

import org.quantado.kernels.codec.E2M1;
import org.quantado.kernels.codec.E4M3;

import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/**
 * A float format of at most eight bits as kernels work with it.
 *
 * @param codeBits width of a code
 * @param table the value of each code
 * @param inverseNormal one over the smallest normal value
 * @param stepsPerOctave codes from a power of two to the next
 * @param largest the code of the largest magnitude, which larger ones get, too
 * @param signBit the bit of a code that holds the sign
 * @param keepsNegativeZero whether the code of -0.0 has the sign bit
 * @param nanCode the code of NaN
 */
public record FloatFormat(int codeBits, FloatArray table, float inverseNormal, float stepsPerOctave, int largest,
        int signBit, boolean keepsNegativeZero, int nanCode) {
    /** E4M3 where magnitudes above 464 become NaN: PyTorch's cast, as in MXFP8. */
    public static FloatFormat e4m3() {
        return e4m3(E4M3.NAN_CODE);
    }

    /** E4M3 where magnitudes are clamped to 448: FP8 with float scales. */
    public static FloatFormat e4m3Saturating() {
        return e4m3(E4M3.NAN_CODE - 1);
    }

    /** E2M1, clamped to 6; -0.0 becomes +0.0. */
    public static FloatFormat e2m1() {
        return new FloatFormat(4, E2M1.table(), E2M1.INVERSE_NORMAL, E2M1.STEPS_PER_OCTAVE, E2M1.SIGN_BIT - 1,
                E2M1.SIGN_BIT, false, 0);
    }

    private static FloatFormat e4m3(int largest) {
        return new FloatFormat(8, E4M3.table(), E4M3.INVERSE_NORMAL, E4M3.STEPS_PER_OCTAVE, largest, E4M3.SIGN_BIT,
                true,
                E4M3.NAN_CODE);
    }

    /** Formats are equal if their codes are, which have one table. */
    @Override
    public boolean equals(Object other) {
        return other instanceof FloatFormat format && codeBits == format.codeBits && largest == format.largest
                && keepsNegativeZero == format.keepsNegativeZero;
    }

    @Override
    public int hashCode() {
        return Objects.hash(codeBits, largest, keepsNegativeZero);
    }
}
