package org.quantado.kernels.matmul;

import java.util.Arrays;

import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** Reads the codes of a row of a {@link QuantizedMatrix}, unit by unit, as fields of a {@link TileCode}. */
final class UnitFields {
    private final int inputs;
    private final int groupSize;
    private final int paddedGroup;
    private final int codeBits;
    private final int[] fieldOfCode;
    private final boolean groupsAreWholeRuns;

    /** @param fieldOfCode the field for each code, negative where there is none */
    UnitFields(int inputs, int groupSize, int codeBits, int[] fieldOfCode) {
        this.inputs = inputs;
        this.groupSize = groupSize;
        this.paddedGroup = Math.ceilDiv(groupSize, TileCode.RUN) * TileCode.RUN;
        this.codeBits = codeBits;
        this.fieldOfCode = fieldOfCode;
        this.groupsAreWholeRuns = groupSize == paddedGroup;
    }

    /**
     * Reads a unit.
     *
     * @param words of the matrix
     * @param firstWord of the row
     * @param fields receives 32 fields, 0 for columns that there are not
     * @return negative if a code has no field
     */
    int read(IntArray words, int firstWord, int unit, int[] fields) {
        int first = unit * TileCode.UNIT;
        return groupsAreWholeRuns && first + TileCode.UNIT <= inputs
                ? readWords(words, firstWord + first / QuantizedMatrix.codesPerWord(codeBits), fields)
                : readColumns(words, firstWord, first, fields);
    }

    private int readWords(IntArray words, int firstWord, int[] fields) {
        int codeMask = fieldOfCode.length - 1;
        int perWord = QuantizedMatrix.codesPerWord(codeBits);
        int missing = 0;
        for (int c = 0; c < TileCode.UNIT; c += perWord) {
            int word = words.get(firstWord + c / perWord);
            for (int j = 0; j < perWord; j++) {
                int field = fieldOfCode[word & codeMask];
                missing |= field;
                fields[c + j] = field;
                word >>= codeBits & (Integer.SIZE - 1);
            }
        }
        return missing;
    }

    private int readColumns(IntArray words, int firstWord, int first, int[] fields) {
        Arrays.fill(fields, 0);
        int perWord = QuantizedMatrix.codesPerWord(codeBits);
        int missing = 0;
        for (int c = 0; c < TileCode.UNIT; c++) {
            int inGroup = (first + c) % paddedGroup;
            int k = (first + c) / paddedGroup * groupSize + inGroup;
            if (inGroup < groupSize && k < inputs) {
                int word = words.get(firstWord + k / perWord);
                int field = fieldOfCode[(word >> (k % perWord * codeBits)) & (fieldOfCode.length - 1)];
                missing |= field;
                fields[c] = field;
            }
        }
        return missing;
    }
}
