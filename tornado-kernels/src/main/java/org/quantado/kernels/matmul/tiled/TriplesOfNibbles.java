package org.quantado.kernels.matmul.tiled;

/**
 * Codes of 4 bits that become fields of 5, three at a time: a run of 16 codes is a long, of which 12 bits are a piece, and
 * the last 4 the field that lies in the lowest two bits of words, where earlier pieces have the higher bits.
 */
final class TriplesOfNibbles implements UnitPacker {
    private static final int CODE_BITS = 4;
    private static final int WIDTH = 5;
    private static final int TRIPLE = 3 * CODE_BITS;
    private static final int MASK = (1 << TRIPLE) - 1;
    /** Where the second piece of a word begins. */
    private static final int SECOND = TileCode.SPARE_BITS + 3 * WIDTH;
    /** Words of codes in a unit. */
    private static final int CODE_WORDS = TileCode.UNIT * CODE_BITS / Integer.SIZE;

    private final int[] pieces = new int[1 << TRIPLE];
    private final int[] fields;

    /** Whether the codes are such, and all have fields. */
    static boolean fit(TileCode code, int codeBits, int[] fieldOfCode) {
        boolean fit = code.width() == WIDTH && codeBits == CODE_BITS && fieldOfCode.length == 1 << CODE_BITS;
        for (int field : fieldOfCode) {
            fit &= field >= 0;
        }
        return fit;
    }

    TriplesOfNibbles(int[] fieldOfCode) {
        this.fields = fieldOfCode.clone();
        int codeMask = fields.length - 1;
        for (int triple = 0; triple < pieces.length; triple++) {
            pieces[triple] = fields[triple & codeMask] | (fields[(triple >> CODE_BITS) & codeMask] << WIDTH)
                    | (fields[triple >> (2 * CODE_BITS)] << (2 * WIDTH));
        }
    }

    @Override
    public boolean pack(int[] codes, int[] tile, int lane) {
        int at = lane;
        for (int c = 0; c < codes.length; c += CODE_WORDS) {
            long first = Integer.toUnsignedLong(codes[c]) | ((long) codes[c + 1] << Integer.SIZE);
            long second = Integer.toUnsignedLong(codes[c + 2]) | ((long) codes[c + 3] << Integer.SIZE);
            int last1 = fields[(int) (first >>> (Long.SIZE - CODE_BITS))];
            int last2 = fields[(int) (second >>> (Long.SIZE - CODE_BITS))];
            tile[at] = pieces(piece(first, 0), piece(first, 1)) | (last1 >> 3);
            tile[at + TiledWeight.ROWS] = pieces(piece(first, 2), piece(first, 3))
                    | ((last1 >> 1) & TileCode.SPARE_MASK);
            tile[at + 2 * TiledWeight.ROWS] = pieces(piece(first, 4), piece(second, 0))
                    | ((last1 << 1) & TileCode.SPARE_MASK)
                    | (last2 >> 4);
            tile[at + 3 * TiledWeight.ROWS] = pieces(piece(second, 1), piece(second, 2))
                    | ((last2 >> 2) & TileCode.SPARE_MASK);
            tile[at + 4 * TiledWeight.ROWS] = pieces(piece(second, 3), piece(second, 4))
                    | (last2 & TileCode.SPARE_MASK);
            at += WIDTH * TiledWeight.ROWS;
        }
        return true;
    }

    private static int pieces(int first, int second) {
        return (first << TileCode.SPARE_BITS) | (second << SECOND);
    }

    private int piece(long run, int index) {
        return pieces[(int) (run >>> (index * TRIPLE)) & MASK];
    }
}
