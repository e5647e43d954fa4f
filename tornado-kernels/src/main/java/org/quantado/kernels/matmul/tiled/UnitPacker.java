package org.quantado.kernels.matmul.tiled;

import org.quantado.kernels.matmul.MatrixRows;

/** Turns the codes of a row of a {@link MatrixRows} into the words of its units in a tile. Immutable. */
interface UnitPacker {
    /**
     * Packs a row.
     *
     * @param codes the row's words in the matrix
     * @param tile {@code [wordsPerRow, 16]}, of which the lane's column is written
     * @return false if a code has no field
     */
    boolean pack(int[] codes, int[] tile, int lane);

    /**
     * The fastest way for a weight.
     *
     * @param fieldOfCode the field for each code, negative where there is none
     */
    static UnitPacker of(TileCode code, MatrixRows matrix, int[] fieldOfCode) {
        boolean wholeUnits = matrix.groupSize() % TileCode.RUN == 0 && matrix.inputs() % TileCode.UNIT == 0;
        if (wholeUnits && TurnedCodes.fit(code, matrix.codeBits(), fieldOfCode)) {
            return new TurnedCodes(matrix.codeBits(), fieldOfCode);
        }
        if (wholeUnits && TriplesOfNibbles.fit(code, matrix.codeBits(), fieldOfCode)) {
            return new TriplesOfNibbles(fieldOfCode);
        }
        if (wholeUnits && TriplesOfBytes.fit(code, matrix.codeBits(), fieldOfCode)) {
            return new TriplesOfBytes(fieldOfCode);
        }
        return new UnitFields(code, matrix.inputs(), matrix.groupSize(), matrix.codeBits(), fieldOfCode);
    }
}
