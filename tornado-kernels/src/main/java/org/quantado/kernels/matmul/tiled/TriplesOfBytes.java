package org.quantado.kernels.matmul.tiled;

/**
 * Codes of 8 bits that become fields of 10, three to a word: a run of 16 codes is four words of codes, and the last of them
 * the field that lies in the two lowest bits of five words, where earlier words have the higher bits.
 */
final class TriplesOfBytes implements UnitPacker {
    private static final int WIDTH = 10;
    private static final int CODE_MASK = (1 << Byte.SIZE) - 1;
    /** Words of codes in a run. */
    private static final int CODE_WORDS = TileCode.RUN * Byte.SIZE / Integer.SIZE;

    private final int[] fields;

    /** Whether the codes are such. */
    static boolean fit(TileCode code, int codeBits, int[] fieldOfCode) {
        return code.width() == WIDTH && codeBits == Byte.SIZE && fieldOfCode.length == 1 << Byte.SIZE;
    }

    /** @param fieldOfCode the field for each code, negative where there is none */
    TriplesOfBytes(int[] fieldOfCode) {
        this.fields = fieldOfCode.clone();
    }

    @Override
    public boolean pack(int[] codes, int[] tile, int lane) {
        int at = lane;
        int missing = 0;
        for (int c = 0; c < codes.length; c += CODE_WORDS) {
            int code0 = codes[c];
            int code4 = codes[c + 1];
            int code8 = codes[c + 2];
            int code12 = codes[c + 3];
            int last = field(code12 >>> 24);
            int word0 = field(code0) | (field(code0 >>> 8) << WIDTH) | (field(code0 >>> 16) << (2 * WIDTH));
            int word1 = field(code0 >>> 24) | (field(code4) << WIDTH) | (field(code4 >>> 8) << (2 * WIDTH));
            int word2 = field(code4 >>> 16) | (field(code4 >>> 24) << WIDTH) | (field(code8) << (2 * WIDTH));
            int word3 = field(code8 >>> 8) | (field(code8 >>> 16) << WIDTH) | (field(code8 >>> 24) << (2 * WIDTH));
            int word4 = field(code12) | (field(code12 >>> 8) << WIDTH) | (field(code12 >>> 16) << (2 * WIDTH));
            missing |= word0 | word1 | word2 | word3 | word4 | last;
            tile[at] = (word0 << TileCode.SPARE_BITS) | ((last >> 8) & TileCode.SPARE_MASK);
            tile[at + TiledWeight.ROWS] = (word1 << TileCode.SPARE_BITS) | ((last >> 6) & TileCode.SPARE_MASK);
            tile[at + 2 * TiledWeight.ROWS] = (word2 << TileCode.SPARE_BITS) | ((last >> 4) & TileCode.SPARE_MASK);
            tile[at + 3 * TiledWeight.ROWS] = (word3 << TileCode.SPARE_BITS) | ((last >> 2) & TileCode.SPARE_MASK);
            tile[at + 4 * TiledWeight.ROWS] = (word4 << TileCode.SPARE_BITS) | (last & TileCode.SPARE_MASK);
            at += TileCode.THREES * TiledWeight.ROWS;
        }
        return missing >= 0;
    }

    private int field(int code) {
        return fields[code & CODE_MASK];
    }
}
