package org.quantado.schemes.linear;

import java.util.List;

import org.quantado.kernels.codec.E4M3;
import org.quantado.kernels.codec.E8M0;
import org.quantado.schemes.checkpoint.DType;
import org.quantado.schemes.config.BlockStructure;
import org.quantado.schemes.config.QuantizationArgs;

/**
 * How a checkpoint holds the scales of a weight: what shares one, and how it is encoded.
 *
 * @param rowsPerScale outputs that share a scale; 0 where all do
 * @param groupSize inputs that share a scale; 0 where all do
 * @param encoding of a scale
 * @param repeated whether every tensor-parallel rank has the scales of all inputs
 */
record ScaleLayout(int rowsPerScale, int groupSize, Encoding encoding, boolean repeated) {
    /** Name of the parameter. */
    static final String NAME = "weight_scale";

    enum Encoding {
        /** A float of the file's type. */
        FLOAT {
            @Override
            List<DType> dtypes() {
                return ParameterSpec.FLOATS;
            }

            @Override
            float decode(TensorSlice slice, long index) {
                return slice.tensor().floatAt(index);
            }
        },
        /** A power of two in a byte. */
        E8M0_BYTE {
            @Override
            List<DType> dtypes() {
                return List.of(DType.U8, DType.F8_E8M0);
            }

            @Override
            float decode(TensorSlice slice, long index) {
                return E8M0.decode(Byte.toUnsignedInt(slice.tensor().byteAt(index)));
            }
        },
        /** E4M3, to be divided by the tensor's global scale. */
        E4M3_BYTE {
            @Override
            List<DType> dtypes() {
                return List.of(DType.F8_E4M3);
            }

            @Override
            float decode(TensorSlice slice, long index) {
                return E4M3.decode(Byte.toUnsignedInt(slice.tensor().byteAt(index)));
            }
        };

        /** Types that a scale may have on disk. */
        abstract List<DType> dtypes();

        abstract float decode(TensorSlice slice, long index);
    }

    /** The layout that a config describes. */
    static ScaleLayout of(QuantizationArgs weights, Encoding encoding, boolean actOrder) {
        return switch (weights.strategy()) {
            case TENSOR -> new ScaleLayout(0, 0, encoding, false);
            case CHANNEL -> new ScaleLayout(1, 0, encoding, false);
            case GROUP, TENSOR_GROUP ->
                new ScaleLayout(1, weights.groupSize().getAsInt(), encoding, actOrder);
            case BLOCK -> {
                BlockStructure block = weights.blockStructure().orElseThrow();
                yield new ScaleLayout(block.rows(), block.columns(), encoding, false);
            }
            case TOKEN, ATTN_HEAD -> throw new IllegalArgumentException(
                    "weights cannot be quantized with strategy " + weights.strategy().jsonName());
        };
    }

    ParameterSpec parameter() {
        Axis rows = rowsPerScale == 0 ? Axis.fixed(1) : Axis.outputs(1, rowsPerScale);
        return ParameterSpec.required(NAME, encoding.dtypes(), rows, columns());
    }

    /** The dimension of the groups, which zero points share. */
    Axis columns() {
        Axis groups = groupSize == 0 ? Axis.fixed(1) : Axis.inputs(1, groupSize);
        return repeated ? groups.onAllRanks() : groups;
    }

    /**
     * The scale of a row of the shard and a group.
     *
     * @throws org.quantado.schemes.checkpoint.CheckpointException if it is not finite
     */
    float read(TensorSlice slice, int row, int group) {
        int scaleRow = rowsPerScale == 0 ? 0 : row / rowsPerScale;
        float scale = encoding.decode(slice, slice.index(scaleRow, group));
        if (!Float.isFinite(scale)) {
            throw slice.error(scaleRow, group, "is " + scale, "a finite scale");
        }
        return scale;
    }
}
