package org.quantado.schemes.linear;

import java.util.List;
import java.util.Optional;

import org.quantado.kernels.codec.E2M1;
import org.quantado.kernels.codec.E4M3;
import org.quantado.kernels.codec.Int32Packing;
import org.quantado.kernels.codec.TableOf16;
import org.quantado.schemes.checkpoint.CheckpointException;
import org.quantado.schemes.checkpoint.DType;

import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/** How a checkpoint holds the codes of a weight {@code [N, K]}. */
sealed interface CodeLayout {
    /** The tensor of the codes, in each layout that it may have on disk. */
    List<ParameterSpec> parameters();

    /** Bits of a code. */
    int bits();

    /** What each of the {@code 2^bits} codes is worth, zero points and scales aside. */
    FloatArray table();

    /** Whether the bytes of a row are the codes in order, the first in the lowest bits, with no gaps. */
    boolean isDense(TensorSlice slice, int inputs);

    /**
     * Opens what reads codes row by row, for one thread.
     *
     * @param inputs K of the shard
     */
    RowReader reader(TensorSlice slice, int inputs);

    /** Reads rows of codes. Not thread-safe. */
    interface RowReader {
        /**
         * Reads the codes of one row.
         *
         * @param codes {@code [K]} of the shard, written
         * @throws CheckpointException if there are values that are no codes
         */
        void read(int row, byte[] codes);
    }

    /** Name of the tensor of the codes. */
    default String name() {
        return parameters().getFirst().name();
    }

    /**
     * {@code pack-quantized}: codes in 32-bit words, integers plus {@code 2^(bits-1)} or those of a table.
     *
     * @param ofTable what the codes are worth that are no integers
     */
    record PackedWords(int bits, Optional<TableOf16> ofTable) implements CodeLayout {
        @Override
        public List<ParameterSpec> parameters() {
            ParameterSpec dense = ParameterSpec.required("weight_packed", List.of(DType.I32), Axis.outputs(),
                    Axis.inputs(bits, Integer.SIZE));
            ParameterSpec padded = ParameterSpec.required("weight_packed", List.of(DType.I32), Axis.outputs(),
                    Axis.inputs(1, Integer.SIZE / bits));
            return List.of(dense, padded);
        }

        @Override
        public FloatArray table() {
            return ofTable.map(TableOf16::table).orElseGet(() -> integers(bits, 1 << (bits - 1)));
        }

        @Override
        public boolean isDense(TensorSlice slice, int inputs) {
            return layout(slice, inputs) == Int32Packing.Layout.DENSE;
        }

        @Override
        public RowReader reader(TensorSlice slice, int inputs) {
            int[] words = new int[slice.columns().length()];
            Int32Packing packing = new Int32Packing(bits, layout(slice, inputs));
            return (row, codes) -> {
                slice.tensor().read(slice.index(row, 0), words);
                packing.unpackRow(words, codes);
                for (int k = 0; k < codes.length; k++) {
                    codes[k] += (byte) (1 << (bits - 1));
                }
            };
        }

        private Int32Packing.Layout layout(TensorSlice slice, int inputs) {
            return slice.columns().length() == new Int32Packing(bits, Int32Packing.Layout.DENSE).words(inputs)
                    ? Int32Packing.Layout.DENSE
                    : Int32Packing.Layout.PADDED;
        }
    }

    /** {@code int-quantized}: one signed integer of {@code bits} bits to a byte. */
    record SignedBytes(int bits) implements CodeLayout {
        @Override
        public List<ParameterSpec> parameters() {
            return List.of(
                    ParameterSpec.required("weight", List.of(DType.I8), Axis.outputs(), Axis.inputs()));
        }

        @Override
        public FloatArray table() {
            return integers(bits, 1 << (bits - 1));
        }

        @Override
        public boolean isDense(TensorSlice slice, int inputs) {
            return false;
        }

        @Override
        public RowReader reader(TensorSlice slice, int inputs) {
            byte offset = (byte) (1 << (bits - 1));
            int beyondBits = -(1 << bits);
            return (row, codes) -> {
                slice.tensor().read(slice.index(row, 0), codes);
                for (int k = 0; k < codes.length; k++) {
                    codes[k] += offset;
                }
                if (bits < Byte.SIZE && anyOf(codes, beyondBits)) {
                    throw notAnInteger(slice, row, codes);
                }
            };
        }

        private static boolean anyOf(byte[] codes, int bits) {
            int any = 0;
            for (byte code : codes) {
                any |= code;
            }
            return (any & bits) != 0;
        }

        private CheckpointException notAnInteger(TensorSlice slice, int row, byte[] codes) {
            int offset = 1 << (bits - 1);
            int k = 0;
            while (Byte.toUnsignedInt(codes[k]) < 1 << bits) {
                k++;
            }
            return slice.error(row, k, "is " + (byte) (codes[k] - offset),
                    "a " + bits + "-bit integer, " + -offset + " to " + (offset - 1));
        }
    }

    /** {@code float-quantized} and {@code mxfp8-quantized}: one E4M3 code to a byte. */
    record Float8() implements CodeLayout {
        @Override
        public List<ParameterSpec> parameters() {
            return List.of(
                    ParameterSpec.required("weight", List.of(DType.F8_E4M3), Axis.outputs(), Axis.inputs()));
        }

        @Override
        public int bits() {
            return Byte.SIZE;
        }

        @Override
        public FloatArray table() {
            return E4M3.table();
        }

        @Override
        public boolean isDense(TensorSlice slice, int inputs) {
            return true;
        }

        @Override
        public RowReader reader(TensorSlice slice, int inputs) {
            return (row, codes) -> slice.tensor().read(slice.index(row, 0), codes);
        }
    }

    /**
     * Two 4-bit codes to a byte, the even column in the low nibble.
     *
     * @param values what the codes are
     */
    record Nibbles(Values values) implements CodeLayout {
        /** Bits of half a byte. */
        static final int BITS = 4;

        enum Values {
            /** Integers plus 8. */
            INTEGERS,
            /** E2M1, as in {@code mxfp4-} and {@code nvfp4-pack-quantized}. */
            FLOATS
        }

        @Override
        public List<ParameterSpec> parameters() {
            return List.of(ParameterSpec.required("weight_packed", List.of(DType.U8), Axis.outputs(),
                    Axis.inputs(1, 2)));
        }

        @Override
        public int bits() {
            return BITS;
        }

        @Override
        public FloatArray table() {
            return values == Values.FLOATS ? E2M1.table() : integers(BITS, 1 << (BITS - 1));
        }

        @Override
        public boolean isDense(TensorSlice slice, int inputs) {
            return true;
        }

        @Override
        public RowReader reader(TensorSlice slice, int inputs) {
            byte[] pairs = new byte[slice.columns().length()];
            return (row, codes) -> {
                slice.tensor().read(slice.index(row, 0), pairs);
                for (int k = 0; k < codes.length; k++) {
                    codes[k] = (byte) ((pairs[k / 2] >> (k % 2 * BITS)) & ((1 << BITS) - 1));
                }
            };
        }
    }

    private static FloatArray integers(int bits, int offset) {
        FloatArray table = new FloatArray(1 << bits);
        for (int code = 0; code < table.getSize(); code++) {
            table.set(code, code - offset);
        }
        return table;
    }
}
