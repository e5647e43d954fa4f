package org.quantado.schemes.config;

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
    MXFP8_QUANTIZED("mxfp8-quantized");

    private final String jsonName;

    CompressionFormat(String jsonName) {
        this.jsonName = jsonName;
    }

    @Override
    public String jsonName() {
        return jsonName;
    }

    static CompressionFormat read(JsonField field) {
        return field.constant(values(), field.string());
    }
}
