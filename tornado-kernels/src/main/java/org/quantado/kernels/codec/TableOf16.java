package org.quantado.kernels.codec;

import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/**
 * 4-bit formats that are a table of 16 values and nothing else; the largest magnitude is 1, so that a scale is the largest
 * magnitude of what it scales.
 *
 * <p>Source: bitsandbytes, {@code create_normal_map} and {@code get_4bit_type}.
 */
public enum TableOf16 {
    /** NormalFloat: quantiles of a normal distribution, in order. Source: QLoRA (Dettmers et al., 2023), appendix E. */
    NF4(-1.0f, -0.6961928f, -0.52507305f, -0.3949175f, -0.28444138f,
            -0.18477343f, -0.091050036f, 0.0f, 0.0795803f, 0.1609302f,
            0.2461123f, 0.33791524f, 0.44070983f, 0.562617f, 0.72295684f,
            1.0f),
    /** bitsandbytes' own FP4, a sign and a magnitude: 0, 1/192, 2/3, 1, 1/3, 1/2, 1/6, 1/4. */
    FP4(0.0f, 1.0f / 192, 2.0f / 3, 1.0f, 1.0f / 3, 0.5f, 1.0f / 6, 0.25f, 0.0f, -1.0f / 192, -2.0f / 3, -1.0f,
            -1.0f / 3, -0.5f, -1.0f / 6, -0.25f);

    @SuppressWarnings("ImmutableEnumChecker") // handed out as copies only
    private final float[] codes;

    TableOf16(float... codes) {
        this.codes = codes;
    }

    /** The values of all 16 codes, in a new array. */
    public float[] toFloats() {
        return codes.clone();
    }

    /**
     * What lies halfway between neighbouring values: the code of a value is the number of these below it, as
     * {@link Thresholds#rank} counts. Only where codes come in the order of their values.
     *
     * @throws UnsupportedOperationException if they do not
     */
    public FloatArray thresholds() {
        float[] steps = new float[codes.length - 1];
        for (int code = 0; code < steps.length; code++) {
            if (codes[code + 1] <= codes[code]) {
                throw new UnsupportedOperationException("codes of " + this + " are in another order than their values");
            }
            steps[code] = (float) ((codes[code] + (double) codes[code + 1]) / 2);
        }
        return Thresholds.padded(steps);
    }

    /** As {@link #toFloats()}, for a kernel. */
    public FloatArray table() {
        return FloatArray.fromArray(codes);
    }
}
