package org.quantado.schemes.dialect;

import java.lang.foreign.MemorySegment;
import java.util.stream.IntStream;

import org.quantado.schemes.checkpoint.DType;
import org.quantado.schemes.checkpoint.LittleEndian;
import org.quantado.schemes.checkpoint.Shape;
import org.quantado.schemes.checkpoint.Tensor;
import org.quantado.schemes.config.JsonField;

/**
 * AWQ's words: those of {@code qweight} {@code [K, N/8]} and of {@code qzeros} run along N, eight codes of 4 bits each, the
 * even outputs before the odd ones.
 */
record AwqPacking() implements IntegerPacking {
    private static final int BITS = 4;
    private static final int CODES = Integer.SIZE / BITS;
    private static final int MASK = (1 << BITS) - 1;
    /** The place in a word of each of its outputs. */
    private static final int[] PLACES = {0, 4, 1, 5, 2, 6, 3, 7};

    @Override
    public IntegerFormat requireBits(JsonField config, IntegerFormat format) {
        if (format.bits() != BITS) {
            throw config.get(IntegerFormat.BITS).refuse("4");
        }
        return format;
    }

    @Override
    public long outputs(Tensor qweight, int bits) {
        return qweight.shape().dimension(1) * CODES;
    }

    @Override
    public long inputs(Tensor qweight, int bits) {
        return qweight.shape().dimension(0);
    }

    @Override
    public boolean hasShortGroups() {
        return false;
    }

    @Override
    public Tensor codes(Tensor qweight) {
        int inputs = Math.toIntExact(qweight.shape().dimension(0));
        int columns = Math.toIntExact(qweight.shape().dimension(1));
        int words = Math.ceilDiv(inputs, CODES);
        return qweight.derived(DType.I32, Shape.of((long) columns * CODES, words), () -> {
            MemorySegment stored = qweight.data();
            MemorySegment turned = MemorySegment.ofArray(new long[Math.ceilDiv(
                    Math.multiplyExact(columns * CODES, words), Long.BYTES / Integer.BYTES)])
                    .asSlice(0, (long) columns * CODES * words * Integer.BYTES);
            IntStream.range(0, words).parallel().forEach(word -> {
                for (int column = 0; column < columns; column++) {
                    turn(stored, turned, word, column, inputs, columns);
                }
            });
            return turned;
        });
    }

    /** Turns the words of eight inputs and eight outputs. */
    private static void turn(MemorySegment stored, MemorySegment turned, int word, int column, int inputs,
            int columns) {
        int words = Math.ceilDiv(inputs, CODES);
        int rows = Math.min(CODES, inputs - word * CODES);
        for (int output = 0; output < CODES; output++) {
            int codes = 0;
            for (int row = 0; row < rows; row++) {
                long at = (word * (long) CODES + row) * columns + column;
                int code = stored.get(LittleEndian.INT, at * Integer.BYTES) >>> (PLACES[output] * BITS) & MASK;
                codes |= code << (row * BITS);
            }
            long at = (column * (long) CODES + output) * words + word;
            turned.set(LittleEndian.INT, at * Integer.BYTES, codes);
        }
    }

    @Override
    public Tensor zeroPoints(Tensor qzeros, int bits) {
        return qzeros.derived(DType.I32, qzeros.shape(),
                () -> Computed.littleEndian(IntStream.of(qzeros.toInts()).map(AwqPacking::inOrder).toArray()))
                .transposed();
    }

    private static int inOrder(int word) {
        int ordered = 0;
        for (int output = 0; output < CODES; output++) {
            ordered |= (word >>> (PLACES[output] * BITS) & MASK) << (output * BITS);
        }
        return ordered;
    }
}
