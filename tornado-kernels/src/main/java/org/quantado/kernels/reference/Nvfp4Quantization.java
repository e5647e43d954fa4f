package org.quantado.kernels.reference;

import org.quantado.kernels.codec.E2M1;
import org.quantado.kernels.codec.E4M3;

/**
 * NVFP4: blocks of 16 E2M1 codes with an E4M3 scale, and one binary32 scale for the tensor, evaluated in binary32.
 *
 * <p>
 * The global scale is stored as what values are multiplied by, so it divides when decoding: a value is
 * {@code decode(code) * (scale / globalScale)}. Source of the formulas: vLLM's {@code ref_nvfp4_quant} and
 * compressed-tensors' {@code generate_gparam}.
 *
 * @param globalScale the tensor's scale, which stretches its largest block scale to 448
 */
public record Nvfp4Quantization(float globalScale) {
    /** The values of a block. */
    public static final int BLOCK_SIZE = 16;

    /** What values are multiplied by where a block's scale is 0, so small that all codes become zeros. */
    private static final float MULTIPLIER_OF_SCALE_ZERO = 1e-8f;
    private static final float ONE_SIXTH = 1.0f / E2M1.MAX_VALUE;

    /**
     * Blocks of values as E2M1 codes.
     *
     * @param codes one for each value, not packed
     * @param scales one E4M3 code for each block
     */
    @SuppressWarnings("ArrayRecordComponent")
    public record Nvfp4Blocks(byte[] codes, byte[] scales) {
    }

    /** The global scale of a tensor whose largest magnitude is given: {@code 448 * 6 / amax}, or 1 if not finite. */
    public static float globalScaleOf(float amax) {
        float scale = E4M3.MAX_VALUE * E2M1.MAX_VALUE / amax;
        return Float.isFinite(scale) ? scale : 1.0f;
    }

    /** The scale of a block whose largest magnitude is given, as an E4M3 code. */
    public int encodeScale(float amax) {
        return E4M3.encode(globalScale * (amax * ONE_SIXTH), E4M3.Overflow.SATURATE);
    }

    /** Quantizes blocks of 16. */
    public Nvfp4Blocks quantize(float[] values) {
        int blocks = Blocks.count(values, BLOCK_SIZE);
        Nvfp4Blocks quantized = new Nvfp4Blocks(new byte[values.length], new byte[blocks]);
        for (int block = 0; block < blocks; block++) {
            int scaleCode = encodeScale(Blocks.amax(values, block, BLOCK_SIZE));
            float scale = E4M3.decode(scaleCode);
            float multiplier = scale == 0.0f
                    ? MULTIPLIER_OF_SCALE_ZERO
                    : 1.0f / (scale * (1.0f / globalScale));
            quantized.scales()[block] = (byte) scaleCode;
            for (int index = block * BLOCK_SIZE; index < (block + 1) * BLOCK_SIZE; index++) {
                quantized.codes()[index] = (byte) E2M1.encode(values[index] * multiplier);
            }
        }
        return quantized;
    }

    /** The values of blocks, in binary32. */
    public float[] dequantize(Nvfp4Blocks blocks) {
        float[] values = new float[blocks.codes().length];
        for (int index = 0; index < values.length; index++) {
            float scale = E4M3.decode(Byte.toUnsignedInt(blocks.scales()[index / BLOCK_SIZE]));
            values[index] = E2M1.decode(blocks.codes()[index]) * (scale / globalScale);
        }
        return values;
    }
}
