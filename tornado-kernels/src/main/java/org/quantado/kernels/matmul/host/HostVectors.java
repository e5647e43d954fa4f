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

    /** From the exponent's bias of E4M3, 7, to that of a float, 127; in place. */
    static final int E4M3_REBIAS = (127 - 7) << 23;

    /** The smallest exponent and mantissa of a normal number of E4M3, in place. */
    static final int E4M3_NORMAL = 1 << 23;

    /** A subnormal number m of E4M3, m 2^-9, is rebiased to {@code y = (1 + m / 8) 2^-7}: it is {@code y + (y - 2^-6)}. */
    static final float E4M3_SUBNORMAL = 0x1p-6f;

    /** The bits of a bfloat16 number in the upper half of a word: a float. */
    static final int UPPER_HALF = -1 << Short.SIZE;

    /** How much lower the exponent and mantissa of binary16 lie in a float than in the upper half. */
    static final int BINARY16_TO_FLOAT_BITS = 3;

    static final int BINARY16_MAGNITUDE = 0x0FFFE000;

    /** From the exponent's bias of binary16, 15, to that of a float, 127; exact for subnormal numbers, too. */
    static final float BINARY16_REBIAS = 0x1p112f;

    /** The values of E2M1 as the bits of floats: a vector of 16 holds them all, and picks them by their codes. */
    static final IntVector E2M1_BITS = LANES == TiledWeight.ROWS
            ? FloatVector.fromArray(FLOATS, E2M1.table().toHeapArray(), 0).reinterpretAsInts()
            : IntVector.zero(INTS);

    private HostVectors() {
    }
}
