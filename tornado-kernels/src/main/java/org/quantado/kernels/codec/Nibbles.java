package org.quantado.kernels.codec;

/** Pairs of 4-bit codes in bytes: the code of an even column is the low nibble, that of the next column the high one. */
public final class Nibbles {
    private static final int BITS = 4;
    private static final int MASK = 0xf;

    private Nibbles() {
    }

    /**
     * @param codes {@code [rows, columns]}, each 0 to 15
     * @return {@code [rows, columns / 2]}
     * @throws IllegalArgumentException with compressed-tensors' message if the number of columns is odd
     */
    public static byte[] pack(byte[] codes, int columns) {
        if (columns % 2 != 0) {
            throw new IllegalArgumentException(
                    "tensor must have an even number of columns for nvfp4 compression");
        }
        byte[] packed = new byte[codes.length / 2];
        for (int pair = 0; pair < packed.length; pair++) {
            packed[pair] = (byte) (codes[2 * pair] | codes[2 * pair + 1] << BITS);
        }
        return packed;
    }

    /**
     * The inverse of {@link #pack}.
     *
     * @param packed {@code [rows, columns / 2]}
     * @return {@code [rows, columns]}
     */
    public static byte[] unpack(byte[] packed) {
        byte[] codes = new byte[packed.length * 2];
        for (int pair = 0; pair < packed.length; pair++) {
            codes[2 * pair] = (byte) (packed[pair] & MASK);
            codes[2 * pair + 1] = (byte) (packed[pair] >> BITS & MASK);
        }
        return codes;
    }
}
