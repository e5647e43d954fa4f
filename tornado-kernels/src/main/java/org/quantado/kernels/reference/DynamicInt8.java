package org.quantado.kernels.reference;

/**
 * Activations quantized to int8 with a scale for each token, as vLLM does at run time: evaluated in binary32 whatever the
 * model's type.
 */
public final class DynamicInt8 {
    private static final float LARGEST_CODE = 127.0f;
    private static final float STEPS = 255.0f;

    private DynamicInt8() {
    }

    /**
     * {@code scale = amax / 127}, {@code code = rint(value * (1 / scale))}. A block of zeros has scale 0 and codes 0.
     */
    public static IntBlocks symmetric(float[] values, int blockSize) {
        int blocks = Blocks.count(values, blockSize);
        IntBlocks quantized = new IntBlocks(new byte[values.length], new float[blocks], new int[blocks]);
        for (int block = 0; block < blocks; block++) {
            float scale = Blocks.amax(values, block, blockSize) / LARGEST_CODE;
            float inverse = scale == 0.0f ? 0.0f : 1.0f / scale;
            quantized.scales()[block] = scale;
            for (int index = block * blockSize; index < (block + 1) * blockSize; index++) {
                quantized.codes()[index] = toCode(Math.rint(values[index] * inverse));
            }
        }
        return quantized;
    }

    /**
     * {@code scale = (max - min) / 255}, {@code zeroPoint = rint(-128 - min / scale)},
     * {@code code = rint(value / scale) + zeroPoint} clamped. The range is not extended to include 0, so that zero points
     * may lie outside of int8.
     */
    public static IntBlocks asymmetric(float[] values, int blockSize) {
        int blocks = Blocks.count(values, blockSize);
        IntBlocks quantized = new IntBlocks(new byte[values.length], new float[blocks], new int[blocks]);
        for (int block = 0; block < blocks; block++) {
            float min = Blocks.min(values, block, blockSize);
            float scale = (Blocks.max(values, block, blockSize) - min) / STEPS;
            int zeroPoint = (int) Math.rint(Byte.MIN_VALUE - min / scale);
            quantized.scales()[block] = scale;
            quantized.zeroPoints()[block] = zeroPoint;
            for (int index = block * blockSize; index < (block + 1) * blockSize; index++) {
                quantized.codes()[index] = toCode(Math.rint(values[index] / scale) + zeroPoint);
            }
        }
        return quantized;
    }

    private static byte toCode(double steps) {
        return (byte) Math.min(Math.max(steps, Byte.MIN_VALUE), Byte.MAX_VALUE);
    }
}
