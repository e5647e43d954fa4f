package org.quantado.kernels.matmul.tiled;

import java.util.Arrays;

import org.quantado.kernels.matmul.QuantizedMatrix;

/** Any codes, one at a time, as fields of any {@link TileCode}. */
final class UnitFields implements UnitPacker {
    private final TileCode code;
    private final int inputs;
    private final int groupSize;
    private final int paddedGroup;
    private final int codeBits;
    private final int[] fieldOfCode;

    /** @param fieldOfCode the field for each code, negative where there is none */
    UnitFields(TileCode code, int inputs, int groupSize, int codeBits, int[] fieldOfCode) {
        this.code = code;
        this.inputs = inputs;
        this.groupSize = groupSize;
        this.paddedGroup = Math.ceilDiv(groupSize, TileCode.RUN) * TileCode.RUN;
        this.codeBits = codeBits;
        this.fieldOfCode = fieldOfCode.clone();
    }

    @Override
    public boolean pack(int[] codes, int[] tile, int lane) {
        int[] fields = new int[TileCode.UNIT];
        int[] unit = new int[code.width()];
        int missing = 0;
        int units = tile.length / TiledWeight.ROWS / unit.length;
        for (int u = 0; u < units; u++) {
            missing |= read(codes, u * TileCode.UNIT, fields);
            code.pack(fields, unit);
            for (int w = 0; w < unit.length; w++) {
                tile[(u * unit.length + w) * TiledWeight.ROWS + lane] = unit[w];
            }
        }
        return missing >= 0;
    }

    /** Reads the fields of a unit, 0 for columns that there are not; negative if a code has none. */
    private int read(int[] codes, int first, int[] fields) {
        return groupSize == paddedGroup && first + TileCode.UNIT <= inputs
                ? readWords(codes, first / QuantizedMatrix.codesPerWord(codeBits), fields)
                : readColumns(codes, first, fields);
    }

    private int readWords(int[] codes, int firstWord, int[] fields) {
        int codeMask = fieldOfCode.length - 1;
        int perWord = QuantizedMatrix.codesPerWord(codeBits);
        int missing = 0;
        for (int c = 0; c < TileCode.UNIT; c += perWord) {
            int word = codes[firstWord + c / perWord];
            for (int j = 0; j < perWord; j++) {
                int field = fieldOfCode[word & codeMask];
                missing |= field;
                fields[c + j] = field;
                word >>= codeBits & (Integer.SIZE - 1);
            }
        }
        return missing;
    }

    private int readColumns(int[] codes, int first, int[] fields) {
        Arrays.fill(fields, 0);
        int perWord = QuantizedMatrix.codesPerWord(codeBits);
        int missing = 0;
        for (int c = 0; c < TileCode.UNIT; c++) {
            int inGroup = (first + c) % paddedGroup;
            int k = (first + c) / paddedGroup * groupSize + inGroup;
            if (inGroup < groupSize && k < inputs) {
                int word = codes[k / perWord];
                int field = fieldOfCode[(word >> (k % perWord * codeBits)) & (fieldOfCode.length - 1)];
                missing |= field;
                fields[c] = field;
            }
        }
        return missing;
    }
}
