package org.quantado.kernels.reference;

import org.quantado.kernels.codec.E2M1;
import org.quantado.kernels.codec.E4M3;
import org.quantado.kernels.codec.E8M0;
import org.quantado.kernels.codec.E8M0Rule;

/**
 * Microscaling quantization: blocks of 32 narrow floats with a power of two as their scale.
 *
 * <p>
 * Source: OCP Microscaling Formats (MX) Specification, revision 1.0, sections 5 and 6.3. Dividing by a power of two is
 * exact, so that results do not depend on the model's type, but for the rule.
 *
 * @param element what values are rounded to
 * @param rule how a block's largest magnitude becomes its scale
 */
public record MxQuantization(Element element, E8M0Rule rule) {
    /** The values of a block. */
    public static final int BLOCK_SIZE = 32;

    /** The narrow float of a block's values. */
    public enum Element {
        /** MXFP4. */
        E2M1_CODE {
            @Override
            int encode(float value) {
                return E2M1.encode(value);
            }

            @Override
            float decode(int code) {
                return E2M1.decode(code);
            }
        },
        /** MXFP8 as PyTorch casts. */
        E4M3_CODE {
            @Override
            int encode(float value) {
                return E4M3.encode(value, E4M3.Overflow.NAN);
            }

            @Override
            float decode(int code) {
                return E4M3.decode(code);
            }
        };

        abstract int encode(float value);

        abstract float decode(int code);
    }

    /**
     * Blocks of values as narrow floats: a value is {@code decode(code) * 2^(scale - 127)}.
     *
     * @param codes one for each value, not packed
     * @param scales one E8M0 byte for each block
     */
    @SuppressWarnings("ArrayRecordComponent")
    public record MxBlocks(byte[] codes, byte[] scales) {
    }

    /** Quantizes blocks of 32. */
    public MxBlocks quantize(float[] values) {
        int blocks = Blocks.count(values, BLOCK_SIZE);
        MxBlocks quantized = new MxBlocks(new byte[values.length], new byte[blocks]);
        for (int block = 0; block < blocks; block++) {
            int scaleByte = rule.encode(Blocks.amax(values, block, BLOCK_SIZE));
            float scale = E8M0.decode(scaleByte);
            quantized.scales()[block] = (byte) scaleByte;
            for (int index = block * BLOCK_SIZE; index < (block + 1) * BLOCK_SIZE; index++) {
                quantized.codes()[index] = (byte) element.encode(values[index] / scale);
            }
        }
        return quantized;
    }

    /** The values of blocks, in binary32. */
    public float[] dequantize(MxBlocks blocks) {
        float[] values = new float[blocks.codes().length];
        for (int index = 0; index < values.length; index++) {
            float scale = E8M0.decode(Byte.toUnsignedInt(blocks.scales()[index / BLOCK_SIZE]));
            values[index] = element.decode(Byte.toUnsignedInt(blocks.codes()[index])) * scale;
        }
        return values;
    }
}
