package org.quantado.kernels.codec;

/**
 * Signed integers of 1 to 8 bits in 32-bit words, as compressed-tensors' {@code pack-quantized} format stores them:
 * {@code value + 2^(bits - 1)}, the first element in a word's lowest bits.
 *
 * <p>
 * Matrices are row-major. Weights {@code [N, K]} are packed along their columns, zero points {@code [N, groups]} along
 * their rows. Tensors of more dimensions are packed slice by slice, which along columns is the same as one matrix with
 * the rows of all slices.
 *
 * @param bits of a value, 1 to 8
 * @param layout what becomes of the bits of a word that hold no whole value
 */
public record Int32Packing(int bits, Layout layout) {

    /** Where values lie if their width does not divide 32. For 1, 2, 4 and 8 bits the layouts are the same. */
    public enum Layout {
        /** Value after value without gaps, so that one may straddle two words. compressed-tensors 0.18. */
        DENSE {
            @Override
            long words(int values, int bits) {
                return Math.ceilDiv((long) values * bits, Integer.SIZE);
            }
        },
        /** As many whole values to a word as fit, then zeros. compressed-tensors up to 0.17. */
        PADDED {
            @Override
            long words(int values, int bits) {
                return Math.ceilDiv(values, Integer.SIZE / bits);
            }
        };

        abstract long words(int values, int bits);
    }

    /** @throws IllegalArgumentException with compressed-tensors' message if the width is not supported */
    public Int32Packing {
        if (bits < 1 || bits > Byte.SIZE) {
            throw new IllegalArgumentException(
                    "Packing is only supported for num_bits in [1, 8], got " + bits);
        }
    }

    /** The words that so many values take. */
    public int words(int values) {
        return (int) layout.words(values, bits);
    }

    /**
     * Packs each row.
     *
     * @param values {@code [rows, columns]}
     * @return {@code [rows, words(columns)]}
     * @throws IllegalArgumentException if a value needs more bits
     */
    public int[] packColumns(byte[] values, int rows, int columns) {
        int words = words(columns);
        int[] packed = new int[rows * words];
        for (int row = 0; row < rows; row++) {
            pack(values, row * columns, 1, columns, packed, row * words, 1);
        }
        return packed;
    }

    /**
     * Packs each column.
     *
     * @param values {@code [rows, columns]}
     * @return {@code [words(rows), columns]}
     * @throws IllegalArgumentException if a value needs more bits
     */
    public int[] packRows(byte[] values, int rows, int columns) {
        int[] packed = new int[words(rows) * columns];
        for (int column = 0; column < columns; column++) {
            pack(values, column, columns, rows, packed, column, columns);
        }
        return packed;
    }

    /**
     * The inverse of {@link #packColumns}.
     *
     * @param packed {@code [rows, words(columns)]}
     * @return {@code [rows, columns]}
     */
    public byte[] unpackColumns(int[] packed, int rows, int columns) {
        int words = words(columns);
        byte[] values = new byte[rows * columns];
        for (int row = 0; row < rows; row++) {
            unpack(packed, row * words, 1, columns, values, row * columns, 1);
        }
        return values;
    }

    /**
     * The inverse of {@link #packColumns} for one row, as many values as there is room for.
     *
     * @param packed {@code [words(values.length)]}
     */
    public void unpackRow(int[] packed, byte[] values) {
        unpack(packed, 0, 1, values.length, values, 0, 1);
    }

    /**
     * The inverse of {@link #packRows}.
     *
     * @param packed {@code [words(rows), columns]}
     * @return {@code [rows, columns]}
     */
    public byte[] unpackRows(int[] packed, int rows, int columns) {
        byte[] values = new byte[rows * columns];
        for (int column = 0; column < columns; column++) {
            unpack(packed, column, columns, rows, values, column, columns);
        }
        return values;
    }

    /**
     * @param dtype PyTorch's name of the type of values to pack
     * @throws IllegalArgumentException with compressed-tensors' message unless it is {@code torch.int8}
     */
    public static void requirePackable(String dtype) {
        if (!dtype.equals("torch.int8")) {
            throw new IllegalArgumentException("Tensor must be quantized to torch.int8 before packing");
        }
    }

    /**
     * @param dtype PyTorch's name of the type of words to unpack
     * @throws IllegalArgumentException with compressed-tensors' message unless it is {@code torch.int32}
     */
    public static void requireUnpackable(String dtype) {
        if (!dtype.equals("torch.int32")) {
            throw new IllegalArgumentException(
                    "Expected torch.int32 but got " + dtype + ", Aborting unpack.");
        }
    }

    private void pack(byte[] values, int firstValue, int valueStride, int count, int[] packed, int firstWord,
            int wordStride) {
        long window = 0;
        int held = 0;
        int word = firstWord;
        for (int index = 0; index < count; index++) {
            window |= (long) unsigned(values[firstValue + index * valueStride]) << held;
            held += bits;
            boolean isFull = held >= Integer.SIZE || (layout == Layout.PADDED && held + bits > Integer.SIZE);
            if (isFull) {
                packed[word] = (int) window;
                word += wordStride;
                window >>>= Integer.SIZE;
                held = Math.max(0, held - Integer.SIZE);
            }
        }
        if (held > 0) {
            packed[word] = (int) window;
        }
    }

    private void unpack(int[] packed, int firstWord, int wordStride, int count, byte[] values, int firstValue,
            int valueStride) {
        int mask = (1 << bits) - 1;
        long window = 0;
        int held = 0;
        int word = firstWord;
        for (int index = 0; index < count; index++) {
            if (held < bits) {
                if (layout == Layout.PADDED) {
                    window = 0;
                    held = 0;
                }
                window |= Integer.toUnsignedLong(packed[word]) << held;
                held += Integer.SIZE;
                word += wordStride;
            }
            values[firstValue + index * valueStride] = (byte) (((int) window & mask) - offset());
            window >>>= bits;
            held -= bits;
        }
    }

    private int unsigned(byte value) {
        int unsigned = value + offset();
        if (unsigned < 0 || unsigned >= 1 << bits) {
            throw new IllegalArgumentException(
                    "value " + value + " does not fit " + bits + " bits: expected " + -offset() + " to "
                            + (offset() - 1));
        }
        return unsigned;
    }

    private int offset() {
        return 1 << (bits - 1);
    }
}
