package org.quantado.kernels.codec;

import java.util.function.IntToDoubleFunction;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/**
 * How the largest magnitude of an MX block, {@code amax}, becomes its E8M0 scale.
 *
 * <p>
 * Each rule is evaluated exactly. (Peers that take a float logarithm are off by one for some amax within a few ulp of
 * a step.) Where nothing else is said, amax 0 gives byte 0 and NaN gives {@link E8M0#NOT_FINITE}. A checkpoint's
 * dequantized values do not depend on the rule it was written with.
 */
public enum E8M0Rule {
    /**
     * The smallest power of two {@code p >= 2^-127} with {@code amax / p <= 448}: {@code ceil(log2(amax / 448))}.
     * vLLM's MXFP8 quantization since July 2026, and FlashInfer's; the default for MXFP8. Infinity gives byte 254.
     */
    CEIL_448(0, code -> code < 247 ? 448 * powerOfTwo(code) : Float.MAX_VALUE, 254),
    /**
     * {@code floor(log2(max(amax, 2^-126)))}, so that scaled values lie within (-2, 2). vLLM's MXFP8 quantization until
     * July 2026. Amax 0 gives byte 1, infinity byte 254.
     */
    FLOOR(0, code -> code == 0 ? Double.NEGATIVE_INFINITY : below(2 * powerOfTwo(code)), 254),
    /**
     * The exponent of amax, one more where its mantissa is 1.75 or above, less 8, the exponent of E4M3's largest value.
     * compressed-tensors' MXFP8. From 1.75 * 2^127 on the byte is 255.
     */
    EVEN_E4M3(0, code -> below(1.75 * Math.min(powerOfTwo(code + 8), 0x1p127)), 255),
    /**
     * The exponent of amax, one more where its mantissa is 1.75 or above, less 2, the exponent of E2M1's largest value.
     * MXFP4 in compressed-tensors, in vLLM's Triton and CUDA kernels, and in Quark, which calls it "even". From
     * 1.75 * 2^127 on the byte is 255.
     */
    EVEN_E2M1(0, code -> below(1.75 * Math.min(powerOfTwo(code + 2), 0x1p127)), 255),
    /**
     * The smallest power of two {@code p >= 2^-127} with {@code amax / p <= 6}: {@code ceil(log2(amax / 6))}. MXFP4 in
     * vLLM's CPU tests. Infinity gives byte 254.
     */
    CEIL_6(0, code -> code < 253 ? 6 * powerOfTwo(code) : Float.MAX_VALUE, 254),
    /**
     * {@link #EVEN_E4M3} as compressed-tensors evaluates it for an f16 tensor: an amax below 1.5 * 2^-15 has no f16
     * scale and gets the scale 1; from 1.75 * 2^15 on the byte is 255.
     */
    EVEN_E4M3_IN_F16(127, code -> belowInF16(1.75 * powerOfTwo(code + 8)), 255),
    /**
     * {@link #EVEN_E2M1} as compressed-tensors evaluates it for an f16 tensor: an amax below 1.5 * 2^-15 has no f16
     * scale and gets the scale 1; from 1.75 * 2^15 on the byte is 255.
     */
    EVEN_E2M1_IN_F16(127, code -> belowInF16(1.75 * powerOfTwo(code + 2)), 255),
    /**
     * {@link #EVEN_E2M1} as vLLM's reference of Quark evaluates it for an f16 tensor: as {@link #EVEN_E2M1_IN_F16}, but
     * byte 0 below 1.5 * 2^-15.
     */
    EVEN_E2M1_IN_F16_QUARK(0, code -> belowInF16(1.75 * powerOfTwo(code + 2)), 255);

    private final int underflowCode;
    /** Handed out as copies only, so that the rule is immutable although the type is not. */
    @SuppressWarnings("ImmutableEnumChecker")
    private final FloatArray thresholds;

    /**
     * @param largestAmaxOf the largest float whose byte is at most the given one, which is below {@code largestCode}
     */
    E8M0Rule(int underflowCode, IntToDoubleFunction largestAmaxOf, int largestCode) {
        this.underflowCode = underflowCode;
        float[] steps = new float[largestCode];
        for (int code = 0; code < largestCode; code++) {
            steps[code] = (float) largestAmaxOf.applyAsDouble(code);
        }
        this.thresholds = Thresholds.padded(steps);
    }

    /** The byte for the largest magnitude of a block. */
    public int encode(float amax) {
        return E8M0.encode(amax, thresholds, underflowCode);
    }

    /** The values of amax at which the byte steps, in a new array of {@value E8M0#THRESHOLDS} entries. */
    public FloatArray thresholds() {
        return Thresholds.copyOf(thresholds);
    }

    /** The byte of an amax above no threshold. It is 0, and so the rank itself, but for the two rules in f16. */
    public int underflowCode() {
        return underflowCode;
    }

    private static double powerOfTwo(int code) {
        return Math.scalb(1.0, code - E8M0.BIAS);
    }

    private static float below(double power) {
        return Math.nextDown((float) power);
    }

    /** Steps of an amax in f16, whose subnormals have no exponent of their own and whose infinity is at 2^16. */
    private static float belowInF16(double step) {
        return below(step < 1.75 * 0x1p-14 ? 1.5 * 0x1p-15 : Math.min(step, 1.75 * 0x1p15));
    }
}
