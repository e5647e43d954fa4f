package org.quantado.schemes.dialect;

import org.quantado.schemes.checkpoint.Tensor;
import org.quantado.schemes.config.JsonField;

/** How integers lie in 32-bit words, and where those of compressed-tensors come from. */
interface IntegerPacking {
    /**
     * The format that a config says, if integers of its width are packed so.
     *
     * @throws org.quantado.schemes.checkpoint.CheckpointException if not
     */
    IntegerFormat requireBits(JsonField config, IntegerFormat format);

    /** N of a {@code qweight}. */
    long outputs(Tensor qweight, int bits);

    /** K of a {@code qweight}. */
    long inputs(Tensor qweight, int bits);

    /** Whether the last group may have fewer inputs than the others. */
    boolean hasShortGroups();

    /** {@code weight_packed}, I32 {@code [N, K*bits/32]}, of a {@code qweight}. */
    Tensor codes(Tensor qweight);

    /** {@code weight_zero_point}, I32 {@code [N*bits/32, G]}, of {@code qzeros} {@code [G, N*bits/32]}. */
    Tensor zeroPoints(Tensor qzeros, int bits);
}
