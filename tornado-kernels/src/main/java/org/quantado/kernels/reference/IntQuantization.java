package org.quantado.kernels.reference;

import org.quantado.kernels.codec.ModelDtype;

/**
 * Integer quantization as compressed-tensors computes it: each operation is evaluated in binary32 and its result rounded
 * to the type of the tensor, scales included.
 *
 * <p>
 * Symmetric: {@code scale = max(|min|, |max|) / ((2^bits - 1) / 2)}. Asymmetric, with the range extended to include 0:
 * {@code scale = (max - min) / (2^bits - 1)}, {@code zeroPoint = minCode - min / scale}. Codes are {@code value / scale +
 * zeroPoint}, clamped, then rounded to nearest, ties to even. A scale that would be 0 is the type's epsilon instead.
 *
 * @param bits of a code, 2 to 8
 * @param symmetric whether zero points are 0
 * @param dtype the type of the values
 */
public record IntQuantization(int bits, boolean symmetric, ModelDtype dtype) {

    /** @throws IllegalArgumentException if there are no codes of so many bits */
    public IntQuantization {
        if (bits < 2 || bits > Byte.SIZE) {
            throw new IllegalArgumentException(
                    "integer quantization with " + bits + " bits: expected 2 to 8");
        }
    }

    /** The smallest code, {@code -2^(bits - 1)}. */
    public int minCode() {
        return -(1 << (bits - 1));
    }

    /** The largest code, {@code 2^(bits - 1) - 1}. */
    public int maxCode() {
        return (1 << (bits - 1)) - 1;
    }

    /** The scale of a block with these extremes. */
    public float scale(float min, float max) {
        float scale = scaleOrZero(min, max);
        return scale == 0.0f ? dtype.epsilon() : scale;
    }

    /** The zero point of a block with these extremes: a code, and 0 for a block of zeros. */
    public int zeroPoint(float min, float max) {
        if (symmetric) {
            return 0;
        }
        float steps = dtype.round(Math.min(min, 0.0f) / scaleOrZero(min, max));
        return (int) toCode(dtype.round(minCode() - steps));
    }

    /** The code of a value. */
    public int encode(float value, float scale, int zeroPoint) {
        return (int) steps(value, scale, zeroPoint);
    }

    /** The value of a code. */
    public float decode(int code, float scale, int zeroPoint) {
        return dtype.round((code - zeroPoint) * scale);
    }

    /**
     * A value quantized and decoded again, which unlike a code may be -0.0 or NaN: what vLLM does to activations whose
     * scale is static.
     *
     * @param scale rounded to the type first
     */
    public float fakeQuantize(float value, float scale, int zeroPoint) {
        float roundedScale = dtype.round(scale);
        return dtype.round((steps(value, roundedScale, zeroPoint) - zeroPoint) * roundedScale);
    }

    /** Quantizes blocks, each with its own scale and zero point. */
    public IntBlocks quantize(float[] values, int blockSize) {
        int blocks = Blocks.count(values, blockSize);
        IntBlocks quantized = new IntBlocks(new byte[values.length], new float[blocks], new int[blocks]);
        for (int block = 0; block < blocks; block++) {
            float min = Blocks.min(values, block, blockSize);
            float max = Blocks.max(values, block, blockSize);
            float scale = scale(min, max);
            int zeroPoint = zeroPoint(min, max);
            quantized.scales()[block] = scale;
            quantized.zeroPoints()[block] = zeroPoint;
            for (int index = block * blockSize; index < (block + 1) * blockSize; index++) {
                quantized.codes()[index] = (byte) encode(values[index], scale, zeroPoint);
            }
        }
        return quantized;
    }

    private float scaleOrZero(float min, float max) {
        float steps = maxCode() - minCode();
        return symmetric
                ? dtype.round(Math.max(Math.abs(min), Math.abs(max)) / (steps / 2))
                : dtype.round(dtype.round(Math.max(max, 0.0f) - Math.min(min, 0.0f)) / steps);
    }

    private float steps(float value, float scale, int zeroPoint) {
        float steps = dtype.round(value / scale);
        return toCode(symmetric ? steps : dtype.round(steps + zeroPoint));
    }

    private float toCode(float steps) {
        return (float) Math.rint(Math.min(Math.max(steps, minCode()), maxCode()));
    }
}
