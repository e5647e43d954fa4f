package org.quantado.schemes.select;

/** The schemes for linear layers that vLLM knows for compressed-tensors checkpoints. */
public enum SchemeName {
    /** NVFP4 weights; inputs NVFP4 or unquantized. */
    W4A4_NVFP4("CompressedTensorsW4A4Fp4", 75),
    /** MXFP4 weights; inputs MXFP4 or unquantized. */
    W4A4_MXFP4("CompressedTensorsW4A4Mxfp4", 80),
    /** MXFP8 weights and inputs. */
    W8A8_MXFP8("CompressedTensorsW8A8Mxfp8", 75),
    /** Packed 4-bit integer weights in groups, FP8 inputs per token. */
    W4A8_FP8("CompressedTensorsW4A8Fp8", 90),
    /** Integer weights of 2, 4 or 8 bits, calibrated 8-bit inputs and outputs. */
    WNA8O8_INT("CompressedTensorsWNA8O8Int", 70),
    /** Packed integer weights, 8-bit integer inputs per token or group. */
    WNA8_INT("CompressedTensorsWNA8Int", 75),
    /** Packed integer weights, 4-bit integer inputs per token or group. */
    WNA4_INT("CompressedTensorsWNA4Int", 75),
    /** Packed integer weights, inputs left alone. */
    WNA16("CompressedTensorsWNA16", 75),
    /** FP8 weights and inputs. */
    W8A8_FP8("CompressedTensorsW8A8Fp8", 89),
    /** FP8 weights, inputs left alone. */
    W8A16_FP8("CompressedTensorsW8A16Fp8", 75),
    /** 8-bit integer weights and inputs. */
    W8A8_INT8("CompressedTensorsW8A8Int8", 75),
    /** 4-bit integer weights, one to a byte, 8-bit integer inputs per token. */
    W4A8_INT("CompressedTensorsW4A8Int", 1),
    /** A table of packed integers, decoded row by row. */
    EMBEDDING_WNA16_INT("CompressedTensorsEmbeddingWNA16Int", 70);

    private final String peerClass;
    private final int minCapability;

    SchemeName(String peerClass, int minCapability) {
        this.peerClass = peerClass;
        this.minCapability = minCapability;
    }

    /** The class that vLLM has for it. */
    public String peerClass() {
        return peerClass;
    }

    /** The least compute capability of a CUDA device, as 10 times major plus minor. */
    public int minCapability() {
        return minCapability;
    }
}
