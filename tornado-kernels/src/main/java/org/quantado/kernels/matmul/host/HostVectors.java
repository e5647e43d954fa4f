package org.quantado.kernels.matmul.host;

import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

import org.quantado.kernels.codec.E2M1;
import org.quantado.kernels.matmul.tiled.TiledWeight;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorSpecies;

/** The vectors that the machine has, and the constants by which they decode floats of 4, 8 and 16 bits. */
final class HostVectors {
    /** The widest vectors of the machine, of which a whole number is a tile's rows. */
    static final VectorSpecies<Float> FLOATS = FloatVector.SPECIES_PREFERRED.length() > TiledWeight.ROWS
            ? FloatVector.SPECIES_512
            : FloatVector.SPECIES_PREFERRED;
    static final VectorSpecies<Integer> INTS = VectorSpecies.of(int.class, FLOATS.vectorShape());
    static final int LANES = FLOATS.length();

    static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT;
    static final ByteOrder ORDER = ByteOrder.nativeOrder();

    /** How much lower the exponent and mantissa of E4M3 lie in a float than in the highest byte. */
    static final int E4M3_TO_FLOAT_BITS = 4;

    static final int E4M3_MAGNITUDE = 0x07F00000;

    /** The highest bit of a float's exponent: over the exponent e of E4M3 it makes it that of 2^(e + 1), 8 more than E4M3's. */
    static final int E4M3_EXPONENT = 1 << 30;

    /** What a number of E4M3 with {@link #E4M3_EXPONENT} has to be multiplied with. */
    static final float E4M3_UNIT = 0x1p-8f;

    /**
     * The smallest normal number of E4M3, before the unit. A subnormal number m then is {@code y = 2 + m / 4} instead of
     * {@code m / 2 = 2 y - 4}, and of the two the smaller; of larger numbers, y is the smaller of the two.
     */
    static final float E4M3_SMALLEST_NORMAL = 4;

    /** The bits of a bfloat16 number in the upper half of a word: a float. */
    static final int UPPER_HALF = -1 << Short.SIZE;

    /** How much lower the exponent and mantissa of binary16 lie in a float than in the upper half. */
    static final int BINARY16_TO_FLOAT_BITS = 3;

    static final int BINARY16_MAGNITUDE = 0x0FFFE000;

    /** From the exponent's bias of binary16, 15, to that of a float, 127; exact for subnormal numbers, too. */
    static final float BINARY16_REBIAS = 0x1p112f;

    /** Whether a vector holds a table of 16 values, which codes of 4 bits pick. */
    static final boolean HAS_TABLES = LANES == TiledWeight.ROWS;

    /** The values of E2M1 by their codes, as the bits of floats. */
    static final IntVector E2M1_TABLE = table(E2M1.table().toHeapArray());

    /** The values of 4-bit integers, as the bits of floats. */
    static final IntVector INT4_TABLE = table(new float[]{0, 1, 2, 3, 4, 5, 6, 7, -8, -7, -6, -5, -4, -3, -2, -1});

    private static IntVector table(float[] values) {
        return HAS_TABLES ? FloatVector.fromArray(FLOATS, values, 0).reinterpretAsInts() : IntVector.zero(INTS);
    }

    private HostVectors() {
    }
}
