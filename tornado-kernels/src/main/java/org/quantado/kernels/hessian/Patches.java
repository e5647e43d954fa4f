package org.quantado.kernels.hessian;

import org.quantado.kernels.engine.VectorModule;

/**
 * Products of patches in binary64, on which the factor of a Hessian and what it is used for spend their time:
 * {@code sums[r, c] += sum over k of left[k, r] * right[k, c]}, by multiply-adds in the order of k, so that every way gives
 * the same bits.
 */
interface Patches {
    /** Rows of a patch. */
    int ROWS = 4;

    /** Columns of a patch. */
    int COLUMNS = 32;

    /** The fastest way that the JVM was started for. */
    Patches FASTEST = VectorModule.isPresent() ? new VectorPatches() : new PlainPatches();

    /**
     * Adds products.
     *
     * @param sums rows of the patch, {@value #ROWS} of them
     * @param at where in each of them it begins
     * @param left {@code [.., 4]}
     * @param leftAt where its first row begins
     * @param right {@code [.., 32]}
     * @param rightAt where its first row begins
     * @param count how many rows of both
     */
    void add(double[][] sums, int at, double[] left, int leftAt, double[] right, int rightAt, int count);
}
