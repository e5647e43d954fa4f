package org.quantado.kernels.matmul.host;

import java.lang.foreign.MemorySegment;

import org.quantado.kernels.matmul.tiled.TileCode;
import org.quantado.kernels.matmul.tiled.TiledWeight;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** One tile of the weight after another, and where its products go. */
final class HostTile {
    /** What fields are. */
    private static final int INTEGERS = 0;
    private static final int E2M1_CODES = 1;
    private static final int E4M3_CODES = 2;
    private static final int BFLOAT16 = 3;
    private static final int BINARY16 = 4;

    private final MemorySegment words;
    private final MemorySegment scales;
    private final MemorySegment zeros;
    private final MemorySegment bias;
    private final MemorySegment y;
    private final int rows;
    private final int outputs;
    private int firstOutput;
    private int tile;
    final int groups;
    final int runsPerGroup;
    private final int wordsPerRow;
    final int width;
    final boolean isE4m3;
    /** The values of codes of 4 bits as the bits of floats, if {@link #isTable}. */
    final IntVector table;
    final boolean isTable;
    final boolean isBFloat16;
    final boolean isBinary16;
    final boolean hasZeros;

    HostTile(MemorySegment words, MemorySegment scales, MemorySegment zeros, MemorySegment bias, MemorySegment y,
            int rows, int outputs, IntArray sizes, int width, int encoding, boolean hasZeros) {
        this.words = words.asReadOnly();
        this.scales = scales.asReadOnly();
        this.zeros = zeros.asReadOnly();
        this.bias = bias.asReadOnly();
        this.y = y;
        this.rows = rows;
        this.outputs = outputs;
        this.groups = sizes.get(0);
        this.runsPerGroup = sizes.get(1);
        this.wordsPerRow = sizes.get(2);
        this.width = width;
        this.isE4m3 = encoding == E4M3_CODES;
        this.table = encoding == E2M1_CODES ? HostVectors.E2M1_TABLE : HostVectors.INT4_TABLE;
        this.isTable = HostVectors.HAS_TABLES && width == 4;
        this.isBFloat16 = encoding == BFLOAT16;
        this.isBinary16 = encoding == BINARY16;
        this.hasZeros = hasZeros;
    }

    /** Goes on to a tile: number t of its block of rows, number {@code number} of all. */
    HostTile at(int t, int number) {
        firstOutput = t * TiledWeight.ROWS;
        tile = number;
        return this;
    }

    /** What the fields of a code are, as kernels are told. */
    static int encoding(TileCode code) {
        return switch (code) {
            case E2M1_CODE -> E2M1_CODES;
            case E4M3_CODE -> E4M3_CODES;
            case BF16_BITS -> BFLOAT16;
            case F16_BITS -> BINARY16;
            default -> INTEGERS;
        };
    }

    private static long offset(long vector, int lane) {
        return (vector * TiledWeight.ROWS + lane) * Float.BYTES;
    }

    IntVector word(int w, int lane) {
        return IntVector.fromMemorySegment(HostVectors.INTS, words, offset((long) tile * wordsPerRow + w, lane),
                HostVectors.ORDER);
    }

    FloatVector scale(int g, int lane) {
        return FloatVector.fromMemorySegment(HostVectors.FLOATS, scales, offset((long) tile * groups + g, lane),
                HostVectors.ORDER);
    }

    FloatVector zero(int g, int lane) {
        return FloatVector.fromMemorySegment(HostVectors.FLOATS, zeros,
                hasZeros ? offset((long) tile * groups + g, lane) : offset(0, lane), HostVectors.ORDER);
    }

    void store(int m, int inTile, float sum) {
        int n = firstOutput + inTile;
        if (m < rows && n < outputs) {
            float offset = bias.getAtIndex(HostVectors.FLOAT, (long) tile * TiledWeight.ROWS + inTile);
            y.setAtIndex(HostVectors.FLOAT, (long) m * outputs + n, sum + offset);
        }
    }
}
