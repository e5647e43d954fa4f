package org.quantado.schemes.linear;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Optional;

import org.quantado.schemes.checkpoint.CheckpointException;
import org.quantado.schemes.checkpoint.LittleEndian;

/**
 * The codes of one partition, read row by row from the mapped file into the words of the kernels.
 *
 * @param layout of the codes on disk
 * @param slice where they are
 * @param inputs K of the shard
 * @param codeBits width of a code in the words
 * @param order of the columns, where it is not the one on disk
 */
record CodeRows(CodeLayout layout, TensorSlice slice, int inputs, int codeBits,
        Optional<ColumnOrder> order) {
    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final int CODES_PER_LONG = Long.BYTES;

    /** Reads rows into words. Not thread-safe. */
    @FunctionalInterface
    interface Reader {
        /**
         * Reads a row.
         *
         * @param words all of a row, every one of which is written
         * @throws CheckpointException if there are values that are no codes
         */
        void read(int row, int[] words);
    }

    /** Opens what reads rows, for one thread. */
    Reader reader() {
        boolean asOnDisk = layout.bits() == codeBits && order.isEmpty() && layout.isDense(slice, inputs);
        return asOnDisk ? (row, words) -> slice.copyRow(row, MemorySegment.ofArray(words)) : packing();
    }

    private Reader packing() {
        CodeLayout.RowReader reader = layout.reader(slice, inputs);
        byte[] codes = new byte[inputs];
        byte[] ordered = new byte[Math.ceilDiv(order.map(ColumnOrder::size).orElse(inputs), CODES_PER_LONG)
                * CODES_PER_LONG];
        byte[] packed = new byte[Math.ceilDiv(ordered.length * codeBits, Byte.SIZE) + Long.BYTES];
        return (row, words) -> {
            reader.read(row, codes);
            if (order.isPresent()) {
                order.get().apply(codes, ordered);
            } else {
                System.arraycopy(codes, 0, ordered, 0, codes.length);
            }
            if (codeBits <= Byte.SIZE) {
                narrow(ordered, packed);
            } else {
                widen(ordered, packed);
            }
            MemorySegment.copy(MemorySegment.ofArray(packed), LittleEndian.INT, 0, words, 0, words.length);
        };
    }

    /**
     * Puts the low bits of bytes side by side, eight bytes at a time, by bringing neighbours together, then pairs, then
     * fours: {@code ..0b..0a} becomes {@code ......ba}.
     *
     * @param packed what follows the codes there is overwritten with zeros
     */
    private void narrow(byte[] codes, byte[] packed) {
        long pairs = lowBits(2 * codeBits) * 0x0001_0001_0001_0001L;
        long fours = lowBits(4 * codeBits) * 0x0000_0001_0000_0001L;
        long all = lowBits(CODES_PER_LONG * codeBits);
        int gap = Byte.SIZE - codeBits;
        for (int k = 0; k < codes.length; k += CODES_PER_LONG) {
            long eight = (long) LONGS.get(codes, k);
            eight = (eight | (eight >>> gap)) & pairs;
            eight = (eight | (eight >>> (2 * gap))) & fours;
            eight = (eight | (eight >>> (4 * gap))) & all;
            LONGS.set(packed, k / CODES_PER_LONG * codeBits, eight);
        }
    }

    private static long lowBits(int bits) {
        return -1L >>> (Long.SIZE - bits);
    }

    /** Gives every code several bytes. */
    private void widen(byte[] codes, byte[] packed) {
        int bytes = codeBits / Byte.SIZE;
        for (int k = 0; k < codes.length; k++) {
            packed[k * bytes] = codes[k];
        }
    }
}
