package org.quantado.kernels.reference;

import org.quantado.kernels.codec.E4M3;

/** Quantization to E4M3 codes with binary32 scales, clamped to 448, evaluated in binary32. */
public final class Fp8Quantization {
    /** The least dynamic scale, so that a token of zeros or tiny values is not blown up: {@code 1 / (448 * 512)}. */
    public static final float MIN_SCALE = 1.0f / (E4M3.MAX_VALUE * 512);

    /** How values are divided by a scale; codes may differ by one step between the two. */
    public enum Division {
        /** {@code value * (1 / scale)}: vLLM for scales per token and static ones. */
        BY_RECIPROCAL {
            @Override
            float divide(float value, float scale) {
                return value * (1.0f / scale);
            }
        },
        /** {@code value / scale}: vLLM for scales per group. */
        EXACT {
            @Override
            float divide(float value, float scale) {
                return value / scale;
            }
        };

        abstract float divide(float value, float scale);
    }

    /**
     * Blocks of values as E4M3 codes: a value is {@code decode(code) * scale}.
     *
     * @param codes one for each value
     * @param scales one for each block
     */
    @SuppressWarnings("ArrayRecordComponent")
    public record Fp8Blocks(byte[] codes, float[] scales) {
    }

    private Fp8Quantization() {
    }

    /** The code of a value. */
    public static int encode(float value, float scale, Division division) {
        return E4M3.encode(division.divide(value, scale), E4M3.Overflow.SATURATE);
    }

    /** Quantizes blocks, each with the scale {@code max(amax / 448, 1 / (448 * 512))}. */
    public static Fp8Blocks quantize(float[] values, int blockSize, Division division) {
        int blocks = Blocks.count(values, blockSize);
        Fp8Blocks quantized = new Fp8Blocks(new byte[values.length], new float[blocks]);
        for (int block = 0; block < blocks; block++) {
            float scale = Math.max(Blocks.amax(values, block, blockSize) / E4M3.MAX_VALUE, MIN_SCALE);
            quantized.scales()[block] = scale;
            for (int index = block * blockSize; index < (block + 1) * blockSize; index++) {
                quantized.codes()[index] = (byte) encode(values[index], scale, division);
            }
        }
        return quantized;
    }
}
