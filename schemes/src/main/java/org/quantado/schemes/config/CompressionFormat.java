package org.quantado.schemes.config;

import java.util.Arrays;
import java.util.Optional;

/** How compressed-tensors lays out a quantized weight in a checkpoint. */
public enum CompressionFormat implements JsonName {
    /** Not compressed. */
    DENSE("dense"),
    /** Unstructured sparsity, no longer written. */
    SPARSE_BITMASK("sparse-bitmask"),
    /** 2:4 sparsity, no longer written. */
    SPARSE_24_BITMASK("sparse-24-bitmask"),
    /** One integer code per byte. */
    INT_QUANTIZED("int-quantized"),
    /** FP8 codes. */
    FLOAT_QUANTIZED("float-quantized"),
    /** FP8 or integer codes, the plainest of all. */
    NAIVE_QUANTIZED("naive-quantized"),
    /** Integer codes packed into 32-bit words. */
    PACK_QUANTIZED("pack-quantized"),
    /** 2:4 sparse packed codes for one kernel, no longer written. */
    MARLIN_24("marlin-24"),
    /** Every config group names its own format. */
    MIXED_PRECISION("mixed-precision"),
    /** FP4 codes, two to a byte, E4M3 scales and a global scale. */
    NVFP4_PACK_QUANTIZED("nvfp4-pack-quantized"),
    /** FP4 codes, two to a byte, and E8M0 scales. */
    MXFP4_PACK_QUANTIZED("mxfp4-pack-quantized"),
    /** FP8 codes and E8M0 scales. */
    MXFP8_QUANTIZED("mxfp8-quantized"),
    /**
     * As {@link #NVFP4_PACK_QUANTIZED}, but for the scales of whole tensors, which are factors: {@code weight_scale_2} and
     * {@code input_scale}. Not a format of compressed-tensors, but ModelOpt's.
     */
    NVFP4_WITH_FACTORS("nvfp4 with factors");

    private static final int FP4_BITS = 4;
    private static final int MX_GROUP = 32;
    private static final int NVFP4_GROUP = 16;

    private final String jsonName;

    CompressionFormat(String jsonName) {
        this.jsonName = jsonName;
    }

    @Override
    public String jsonName() {
        return jsonName;
    }

    /**
     * The format that compressed-tensors chooses where none is asked for: the first of MXFP4, MXFP8 and NVFP4, of
     * codes for layers whose inputs are quantized too, and of packed integers, that fits.
     *
     * @param weights how the weights are quantized
     * @param input how the inputs are quantized, if at all
     * @see <a href=
     *      "https://github.com/vllm-project/compressed-tensors/blob/main/src/compressed_tensors/compressors/format.py">Its
     *      order</a>
     */
    public static CompressionFormat of(QuantizationArgs weights, Optional<QuantizationArgs> input) {
        boolean integer = weights.type() == QuantizationType.INT;
        int groupSize = weights.groupSize().orElse(0);
        if (!integer && weights.numBits() == FP4_BITS && groupSize == MX_GROUP) {
            return MXFP4_PACK_QUANTIZED;
        }
        if (!integer && weights.numBits() == Byte.SIZE && groupSize == MX_GROUP
                && weights.scaleDtype().equals(Optional.of(TorchDType.UINT8))) {
            return MXFP8_QUANTIZED;
        }
        if (!integer && weights.numBits() == FP4_BITS && groupSize == NVFP4_GROUP) {
            return NVFP4_PACK_QUANTIZED;
        }
        if (input.isPresent()) {
            return integer ? INT_QUANTIZED : FLOAT_QUANTIZED;
        }
        return integer && weights.numBits() <= Byte.SIZE ? PACK_QUANTIZED : NAIVE_QUANTIZED;
    }

    static CompressionFormat read(JsonField field) {
        return field.constant(
                Arrays.stream(values()).filter(format -> format != NVFP4_WITH_FACTORS)
                        .toArray(CompressionFormat[]::new),
                field.string());
    }
}
