package org.quantado.bench.workloads;

import org.quantado.kernels.codec.E4M3;
import org.quantado.kernels.codec.E8M0;
import org.quantado.kernels.codec.E8M0Rule;
import org.quantado.kernels.quantize.Fp8Quantizer;
import org.quantado.kernels.quantize.Int8Quantizer;
import org.quantado.kernels.quantize.MxQuantizer;
import org.quantado.kernels.quantize.Nvfp4Quantizer;
import org.quantado.kernels.quantize.Quantizer;
import org.quantado.kernels.reference.DynamicInt8;
import org.quantado.kernels.reference.Fp8Quantization;
import org.quantado.kernels.reference.IntBlocks;
import org.quantado.kernels.reference.MxQuantization;
import org.quantado.kernels.reference.Nvfp4Quantization;

/** Formats that floats are quantized to at run time. */
public enum QuantizedFormat {
    /** With the scale rule of online quantization. */
    MXFP8(8, MxQuantizer.GROUP_SIZE, Byte.BYTES) {
        @Override
        Quantizer quantizer() {
            return MxQuantizer.mxfp8(E8M0Rule.CEIL_448);
        }

        @Override
        Row reference(float[] row) {
            return ofBlocks(new MxQuantization(MxQuantization.Element.E4M3_CODE, E8M0Rule.CEIL_448).quantize(row));
        }
    },
    /** With the scale rule of online quantization. */
    MXFP4(4, MxQuantizer.GROUP_SIZE, Byte.BYTES) {
        @Override
        Quantizer quantizer() {
            return MxQuantizer.mxfp4(E8M0Rule.EVEN_E2M1);
        }

        @Override
        Row reference(float[] row) {
            return ofBlocks(new MxQuantization(MxQuantization.Element.E2M1_CODE, E8M0Rule.EVEN_E2M1).quantize(row));
        }
    },
    /** With a global scale for magnitudes up to 0.5. */
    NVFP4(4, Nvfp4Quantizer.GROUP_SIZE, Byte.BYTES) {
        @Override
        Quantizer quantizer() {
            return new Nvfp4Quantizer(GlobalScale.OF_HALF);
        }

        @Override
        Row reference(float[] row) {
            Nvfp4Quantization.Nvfp4Blocks blocks = new Nvfp4Quantization(GlobalScale.OF_HALF).quantize(row);
            return Row.of(blocks.codes(), blocks.scales(), code -> E4M3.decode(code) / GlobalScale.OF_HALF);
        }
    },
    /** One scale per row. */
    FP8_TOKEN(8, Integer.MAX_VALUE, Float.BYTES) {
        @Override
        Quantizer quantizer() {
            return Fp8Quantizer.perToken();
        }

        @Override
        Row reference(float[] row) {
            Fp8Quantization.Fp8Blocks blocks = Fp8Quantization.quantize(row, row.length,
                    Fp8Quantization.Division.BY_RECIPROCAL);
            return new Row(blocks.codes(), blocks.scales());
        }
    },
    /** One scale per row. */
    INT8_TOKEN(8, Integer.MAX_VALUE, Float.BYTES) {
        @Override
        Quantizer quantizer() {
            return Int8Quantizer.SYMMETRIC;
        }

        @Override
        Row reference(float[] row) {
            IntBlocks blocks = DynamicInt8.symmetric(row, row.length);
            return new Row(blocks.codes(), blocks.scales());
        }
    };

    /** Is there before the constants are. */
    private static final class GlobalScale {
        private static final float OF_HALF = Nvfp4Quantization.globalScaleOf(0.5f);
    }

    /**
     * A row in plain Java.
     *
     * @param codes one for each value
     * @param scales what they are multiplied by, one for each group
     */
    @SuppressWarnings("ArrayRecordComponent")
    record Row(byte[] codes, float[] scales) {
        /** A row whose scales are bytes. */
        static Row of(byte[] codes, byte[] scaleCodes, IntToFloat decode) {
            float[] scales = new float[scaleCodes.length];
            for (int i = 0; i < scales.length; i++) {
                scales[i] = decode.apply(Byte.toUnsignedInt(scaleCodes[i]));
            }
            return new Row(codes, scales);
        }
    }

    /** What a byte is worth. */
    interface IntToFloat {
        float apply(int code);
    }

    private final int codeBits;
    private final int groupSize;
    private final int scaleBytes;

    QuantizedFormat(int codeBits, int groupSize, int scaleBytes) {
        this.codeBits = codeBits;
        this.groupSize = groupSize;
        this.scaleBytes = scaleBytes;
    }

    int codeBits() {
        return codeBits;
    }

    /** Inputs of which a row has to have a multiple. */
    public int groupSize() {
        return groupSize == Integer.MAX_VALUE ? 1 : groupSize;
    }

    /** How it is done on the device. */
    abstract Quantizer quantizer();

    /** Bytes of codes and scales of a row. */
    long bytes(int inputs) {
        return (long) inputs * codeBits / Byte.SIZE + (long) Math.ceilDiv(inputs, groupSize) * scaleBytes;
    }

    private static Row ofBlocks(MxQuantization.MxBlocks blocks) {
        return Row.of(blocks.codes(), blocks.scales(), E8M0::decode);
    }

    /** Quantizes a row in plain Java. */
    abstract Row reference(float[] row);
}
