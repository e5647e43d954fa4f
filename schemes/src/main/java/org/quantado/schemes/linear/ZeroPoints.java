package org.quantado.schemes.linear;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

import org.quantado.kernels.codec.Int32Packing;
import org.quantado.schemes.checkpoint.CheckpointException;
import org.quantado.schemes.checkpoint.DType;
import org.quantado.schemes.checkpoint.Tensor;

/** Zero points of a shard, unpacked: {@code [N, G]} integers that were packed along N. */
final class ZeroPoints {
    /** Types of zero points that are not packed: compressed-tensors gives them the type of the codes. */
    private static final List<DType> UNPACKED = List.of(DType.I8, DType.F8_E4M3, DType.I32, DType.F32, DType.BF16,
            DType.F16);

    private final byte[] values;
    private final int groups;

    /**
     * @param bits of a zero point, as of a code
     * @param slice {@code [ceil(N*bits/32), G]}
     */
    ZeroPoints(int bits, TensorSlice slice) {
        this.groups = slice.columns().length();
        int words = slice.rows().length();
        int[] packed = new int[words * groups];
        int[] row = new int[groups];
        for (int word = 0; word < words; word++) {
            slice.tensor().read(slice.index(word, 0), row);
            System.arraycopy(row, 0, packed, word * groups, groups);
        }
        int rows = words * Integer.SIZE / bits;
        this.values = new Int32Packing(bits, Int32Packing.Layout.DENSE).unpackRows(packed, rows, groups);
    }

    int get(int row, int group) {
        return values[row * groups + group];
    }

    /** Zero points of a symmetric weight, which some checkpoints have: packed, or one number for each scale. */
    static List<ParameterSpec> unused(String name, int bits, Axis rows, Axis columns) {
        return List.of(
                ParameterSpec.optional(name, List.of(DType.I32), Axis.outputs(bits, Integer.SIZE).onAllRanks(),
                        columns.onAllRanks()),
                ParameterSpec.optional(name, UNPACKED, rows.onAllRanks(), columns.onAllRanks()));
    }

    /** A zero point of symmetric activations, which some checkpoints have. */
    static ParameterSpec unused(String name) {
        return ParameterSpec.optional(name, UNPACKED, Axis.fixed(1), Axis.fixed(1));
    }

    /**
     * Checks that zero points that are not used are all zero.
     *
     * @param bits of a zero point, where they may be packed
     * @throws org.quantado.schemes.checkpoint.CheckpointException if one is not
     */
    static void requireZero(LoadedParameters parameters, String name, int part, int bits) {
        parameters.find(name, part).ifPresent(slice -> {
            boolean zero = isPacked(slice, parameters.spec().partitions().get(part).outputSize(), bits)
                    ? isZero(new ZeroPoints(bits, slice), parameters.spec().partitions().get(part).outputSize())
                    : isZero(slice.tensor());
            if (!zero) {
                throw notZero(slice);
            }
        });
    }

    /** The same for a zero point of activations, of all partitions. */
    static void requireZeros(LoadedParameters parameters, String name) {
        for (int part = 0; part < parameters.spec().partitions().size(); part++) {
            parameters.find(name, part).filter(slice -> !isZero(slice.tensor())).ifPresent(slice -> {
                throw notZero(slice);
            });
        }
    }

    private static CheckpointException notZero(TensorSlice slice) {
        return slice.tensor().error("zero points other than zero",
                "none, as quantization_config says that it is symmetric");
    }

    private static boolean isPacked(TensorSlice slice, int outputs, int bits) {
        return slice.tensor().dtype() == DType.I32
                && slice.rows().length() == Math.ceilDiv(outputs * (long) bits, Integer.SIZE);
    }

    private static boolean isZero(ZeroPoints packed, int outputs) {
        return IntStream.range(0, outputs * packed.groups).allMatch(i -> packed.values[i] == 0);
    }

    private static boolean isZero(Tensor tensor) {
        MemorySegment bytes = tensor.data();
        return LongStream.range(0, bytes.byteSize()).allMatch(i -> bytes.get(ValueLayout.JAVA_BYTE, i) == 0);
    }
}
