package org.quantado.schemes.linear;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
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
            void decode(TensorSlice slice, int row, float[] scales) {
                slice.tensor().read(slice.index(row, 0), scales);
            }
        },
        /** A power of two in a byte. */
        E8M0_BYTE {
            @Override
            List<DType> dtypes() {
                return List.of(DType.U8, DType.F8_E8M0);
            }

            @Override
            void decode(TensorSlice slice, int row, float[] scales) {
                lookUp(slice, row, scales, E8M0_VALUES);
            }
        },
        /** E4M3, to be divided by the tensor's global scale. */
        E4M3_BYTE {
            @Override
            List<DType> dtypes() {
                return List.of(DType.F8_E4M3);
            }

            @Override
            void decode(TensorSlice slice, int row, float[] scales) {
                lookUp(slice, row, scales, E4M3_VALUES);
            }
        };

        private static final float[] E8M0_VALUES = values(E8M0::decode);
        private static final float[] E4M3_VALUES = values(E4M3::decode);

        /** Types that a scale may have on disk. */
        abstract List<DType> dtypes();

        /** Reads a row of scales as they are on disk. */
        abstract void decode(TensorSlice slice, int row, float[] scales);

        private static float[] values(IntToFloat decode) {
            float[] values = new float[1 << Byte.SIZE];
            for (int code = 0; code < values.length; code++) {
                values[code] = decode.of(code);
            }
            return values;
        }

        private static void lookUp(TensorSlice slice, int row, float[] scales, float[] values) {
            MemorySegment codes = slice.tensor().data(slice.index(row, 0), scales.length);
            for (int group = 0; group < scales.length; group++) {
                scales[group] = values[Byte.toUnsignedInt(codes.get(ValueLayout.JAVA_BYTE, group))];
            }
        }
    }

    @FunctionalInterface
    private interface IntToFloat {
        float of(int code);
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
        return ParameterSpec.required(NAME, encoding.dtypes(), rows(), columns());
    }

    /** The dimension of what shares a scale among the outputs. */
    Axis rows() {
        return rowsPerScale == 0 ? Axis.fixed(1) : Axis.outputs(1, rowsPerScale);
    }

    /** The dimension of the groups, which zero points share. */
    Axis columns() {
        Axis groups = groupSize == 0 ? Axis.fixed(1) : Axis.inputs(1, groupSize);
        return repeated ? groups.onAllRanks() : groups;
    }

    /** The row of scales that a row of the shard has. */
    int rowOf(int output) {
        return rowsPerScale == 0 ? 0 : output / rowsPerScale;
    }

    /**
     * Reads a row of scales.
     *
     * @param scales one for each group, written
     * @throws org.quantado.schemes.checkpoint.CheckpointException if one is not finite
     */
    void read(TensorSlice slice, int row, float[] scales) {
        encoding.decode(slice, row, scales);
        for (int group = 0; group < scales.length; group++) {
            if (!Float.isFinite(scales[group])) {
                throw slice.error(row, group, "is " + scales[group], "a finite scale");
            }
        }
    }
}
