package org.quantado.schemes.linear;

import java.lang.foreign.MemorySegment;
import java.util.Optional;
import java.util.stream.IntStream;

import org.quantado.kernels.matmul.QuantizedMatrix;

import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Brings the codes of one partition from the mapped file into the words of the kernels, row by row on all cores.
 *
 * @param layout of the codes on disk
 * @param slice where they are
 * @param inputs K of the shard
 * @param codeBits width of a code in the words
 * @param order of the columns, where it is not the one on disk
 */
record CodePacker(CodeLayout layout, TensorSlice slice, int inputs, int codeBits,
        Optional<ColumnOrder> order) {
    /**
     * Packs all rows.
     *
     * @param words of all partitions, {@code [N, wordsPerRow]}
     * @param firstRow row there of the partition's first
     */
    void pack(IntArray words, int firstRow) {
        boolean asOnDisk = layout.bits() == codeBits && order.isEmpty() && layout.isDense(slice, inputs);
        int wordsPerRow = QuantizedMatrix.wordsPerRow(order.map(ColumnOrder::size).orElse(inputs), codeBits);
        MemorySegment target = words.getSegment();
        IntStream.range(0, slice.rows().length()).parallel().forEach(row -> {
            long firstWord = (firstRow + row) * (long) wordsPerRow;
            if (asOnDisk) {
                MemorySegment source = slice.rowBytes(row);
                MemorySegment.copy(source, 0, target, firstWord * Integer.BYTES, source.byteSize());
            } else {
                packRow(row, words, (int) firstWord);
            }
        });
    }

    private void packRow(int row, IntArray words, int firstWord) {
        byte[] read = new byte[inputs];
        layout.readRow(slice, row, read);
        byte[] codes = order.map(columnOrder -> columnOrder.apply(read)).orElse(read);
        int codesPerWord = QuantizedMatrix.codesPerWord(codeBits);
        for (int from = 0; from < codes.length; from += codesPerWord) {
            int word = 0;
            for (int k = from; k < Math.min(codes.length, from + codesPerWord); k++) {
                word |= Byte.toUnsignedInt(codes[k]) << ((k - from) * codeBits);
            }
            words.set(firstWord + from / codesPerWord, word);
        }
    }
}
