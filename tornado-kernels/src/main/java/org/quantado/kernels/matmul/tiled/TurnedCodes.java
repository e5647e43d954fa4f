package org.quantado.kernels.matmul.tiled;

/** Codes that lie in a unit as in the matrix, and are their fields but for some bits that are turned over in all of them. */
final class TurnedCodes implements UnitPacker {
    private static final int LOWEST_BITS = 0x0101_0101;
    private static final int HIGHEST_BITS = 0x8080_8080;

    private final int turned;
    private final boolean allHaveFields;
    private final int missingMask;
    private final int missingBits;

    /** Whether the codes are such, and those without a field are bytes that are told by some of their bits. */
    static boolean fit(TileCode code, int codeBits, int[] fieldOfCode) {
        boolean fit = code.width() == codeBits && code.piecesPerRun() == TileCode.FOURS
                && fieldOfCode.length == 1 << codeBits && fieldOfCode[0] >= 0;
        int missing = 0;
        for (int c = 0; fit && c < fieldOfCode.length; c++) {
            missing += fieldOfCode[c] < 0 ? 1 : 0;
            fit = fieldOfCode[c] < 0 || fieldOfCode[c] == (c ^ fieldOfCode[0]);
        }
        return fit && (missing == 0 || (codeBits == Byte.SIZE
                && missing == 1 << (Byte.SIZE - Integer.bitCount(commonMask(fieldOfCode)))));
    }

    TurnedCodes(int codeBits, int[] fieldOfCode) {
        this.turned = repeated(fieldOfCode[0], codeBits);
        int mask = commonMask(fieldOfCode);
        this.allHaveFields = firstMissing(fieldOfCode) < 0;
        this.missingMask = repeated(mask, Byte.SIZE);
        this.missingBits = repeated(firstMissing(fieldOfCode) & mask, Byte.SIZE);
    }

    private static int firstMissing(int[] fieldOfCode) {
        int first = -1;
        for (int c = fieldOfCode.length - 1; c >= 0; c--) {
            first = fieldOfCode[c] < 0 ? c : first;
        }
        return first;
    }

    /** The bits of a byte that all codes without a field have in common. */
    private static int commonMask(int[] fieldOfCode) {
        int differ = 0;
        for (int c = 0; c < fieldOfCode.length; c++) {
            differ |= fieldOfCode[c] < 0 ? c ^ firstMissing(fieldOfCode) : 0;
        }
        return ~differ & ((1 << Byte.SIZE) - 1);
    }

    private static int repeated(int bits, int width) {
        int word = 0;
        for (int at = 0; at < Integer.SIZE; at += width) {
            word |= bits << at;
        }
        return word;
    }

    @Override
    public boolean pack(int[] codes, int[] tile, int lane) {
        for (int w = 0; w < codes.length; w++) {
            tile[w * TiledWeight.ROWS + lane] = codes[w] ^ turned;
        }
        return allHaveFields || !anyMissing(codes);
    }

    /** Whether a byte is one of those without a field: then it is 0 in {@code other}, which borrows from the next byte. */
    private boolean anyMissing(int[] codes) {
        int borrowed = 0;
        for (int word : codes) {
            int other = (word & missingMask) ^ missingBits;
            borrowed |= (other - LOWEST_BITS) & ~other;
        }
        return (borrowed & HIGHEST_BITS) != 0;
    }
}
