package org.quantado.schemes.linear;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Optional;

import org.quantado.kernels.matmul.QuantizedMatrix;

import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Brings the codes of one partition from the mapped file into the words of the kernels, some rows at a time on all cores.
 *
 * @param layout of the codes on disk
 * @param slice where they are
 * @param inputs K of the shard
 * @param codeBits width of a code in the words
 * @param order of the columns, where it is not the one on disk
 */
record CodePacker(CodeLayout layout, TensorSlice slice, int inputs, int codeBits,
        Optional<ColumnOrder> order) {
    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final int CODES_PER_LONG = Long.BYTES;

    /**
     * Packs all rows.
     *
     * @param words of all partitions, {@code [N, wordsPerRow]}; every word of these rows is written
     * @param firstRow row there of the partition's first
     */
    void pack(IntArray words, int firstRow) {
        long rowBytes = wordsPerRow() * (long) Integer.BYTES;
        MemorySegment target = words.getSegment().asSlice(firstRow * rowBytes, slice.rows().length() * rowBytes);
        boolean asOnDisk = layout.bits() == codeBits && order.isEmpty() && layout.isDense(slice, inputs);
        RowRanges.forEach(slice.rows().length(), (from, to) -> {
            if (asOnDisk) {
                copy(from, to, target, rowBytes);
            } else {
                packRows(from, to, target, rowBytes);
            }
        });
    }

    private int wordsPerRow() {
        return QuantizedMatrix.wordsPerRow(order.map(ColumnOrder::size).orElse(inputs), codeBits);
    }

    private void copy(int from, int to, MemorySegment target, long rowBytes) {
        for (int row = from; row < to; row++) {
            slice.copyRow(row, target.asSlice(row * rowBytes, rowBytes));
        }
    }

    private void packRows(int from, int to, MemorySegment target, long rowBytes) {
        CodeLayout.RowReader reader = layout.reader(slice, inputs);
        byte[] codes = new byte[inputs];
        byte[] ordered = new byte[Math.ceilDiv(order.map(ColumnOrder::size).orElse(inputs), CODES_PER_LONG)
                * CODES_PER_LONG];
        byte[] packed = new byte[Math.ceilDiv(ordered.length * codeBits, Byte.SIZE) + Long.BYTES];
        for (int row = from; row < to; row++) {
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
            MemorySegment.copy(packed, 0, target, ValueLayout.JAVA_BYTE, row * rowBytes, (int) rowBytes);
        }
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
