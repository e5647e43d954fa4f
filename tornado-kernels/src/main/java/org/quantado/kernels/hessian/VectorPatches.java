package org.quantado.kernels.hessian;

import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.VectorSpecies;

/** The JVM's vectors: 4 rows by 4 vectors of sums stay in registers. */
final class VectorPatches implements Patches {
    /** The widest vectors of the machine, of which four fit into the columns of a patch. */
    private static final VectorSpecies<Double> DOUBLES = 4 * DoubleVector.SPECIES_PREFERRED.length() > COLUMNS
            ? DoubleVector.SPECIES_512
            : DoubleVector.SPECIES_PREFERRED;
    private static final int LANES = DOUBLES.length();

    @Override
    public void add(double[][] sums, int at, double[] left, int leftAt, double[] right, int rightAt, int count) {
        for (int c = 0; c < COLUMNS; c += 4 * LANES) {
            addVectors(sums[0], sums[1], sums[2], sums[3], at + c, left, leftAt, right, rightAt + c, count);
        }
    }

    private static void addVectors(double[] row0, double[] row1, double[] row2, double[] row3, int at, double[] left,
            int leftAt, double[] right, int rightAt, int count) {
        DoubleVector sum00 = DoubleVector.fromArray(DOUBLES, row0, at);
        DoubleVector sum01 = DoubleVector.fromArray(DOUBLES, row0, at + LANES);
        DoubleVector sum02 = DoubleVector.fromArray(DOUBLES, row0, at + 2 * LANES);
        DoubleVector sum03 = DoubleVector.fromArray(DOUBLES, row0, at + 3 * LANES);
        DoubleVector sum10 = DoubleVector.fromArray(DOUBLES, row1, at);
        DoubleVector sum11 = DoubleVector.fromArray(DOUBLES, row1, at + LANES);
        DoubleVector sum12 = DoubleVector.fromArray(DOUBLES, row1, at + 2 * LANES);
        DoubleVector sum13 = DoubleVector.fromArray(DOUBLES, row1, at + 3 * LANES);
        DoubleVector sum20 = DoubleVector.fromArray(DOUBLES, row2, at);
        DoubleVector sum21 = DoubleVector.fromArray(DOUBLES, row2, at + LANES);
        DoubleVector sum22 = DoubleVector.fromArray(DOUBLES, row2, at + 2 * LANES);
        DoubleVector sum23 = DoubleVector.fromArray(DOUBLES, row2, at + 3 * LANES);
        DoubleVector sum30 = DoubleVector.fromArray(DOUBLES, row3, at);
        DoubleVector sum31 = DoubleVector.fromArray(DOUBLES, row3, at + LANES);
        DoubleVector sum32 = DoubleVector.fromArray(DOUBLES, row3, at + 2 * LANES);
        DoubleVector sum33 = DoubleVector.fromArray(DOUBLES, row3, at + 3 * LANES);
        for (int k = 0; k < count; k++) {
            int from = rightAt + k * COLUMNS;
            int factors = leftAt + k * ROWS;
            DoubleVector x0 = DoubleVector.fromArray(DOUBLES, right, from);
            DoubleVector x1 = DoubleVector.fromArray(DOUBLES, right, from + LANES);
            DoubleVector x2 = DoubleVector.fromArray(DOUBLES, right, from + 2 * LANES);
            DoubleVector x3 = DoubleVector.fromArray(DOUBLES, right, from + 3 * LANES);
            DoubleVector factor0 = DoubleVector.broadcast(DOUBLES, left[factors]);
            sum00 = x0.fma(factor0, sum00);
            sum01 = x1.fma(factor0, sum01);
            sum02 = x2.fma(factor0, sum02);
            sum03 = x3.fma(factor0, sum03);
            DoubleVector factor1 = DoubleVector.broadcast(DOUBLES, left[factors + 1]);
            sum10 = x0.fma(factor1, sum10);
            sum11 = x1.fma(factor1, sum11);
            sum12 = x2.fma(factor1, sum12);
            sum13 = x3.fma(factor1, sum13);
            DoubleVector factor2 = DoubleVector.broadcast(DOUBLES, left[factors + 2]);
            sum20 = x0.fma(factor2, sum20);
            sum21 = x1.fma(factor2, sum21);
            sum22 = x2.fma(factor2, sum22);
            sum23 = x3.fma(factor2, sum23);
            DoubleVector factor3 = DoubleVector.broadcast(DOUBLES, left[factors + 3]);
            sum30 = x0.fma(factor3, sum30);
            sum31 = x1.fma(factor3, sum31);
            sum32 = x2.fma(factor3, sum32);
            sum33 = x3.fma(factor3, sum33);
        }
        sum00.intoArray(row0, at);
        sum01.intoArray(row0, at + LANES);
        sum02.intoArray(row0, at + 2 * LANES);
        sum03.intoArray(row0, at + 3 * LANES);
        sum10.intoArray(row1, at);
        sum11.intoArray(row1, at + LANES);
        sum12.intoArray(row1, at + 2 * LANES);
        sum13.intoArray(row1, at + 3 * LANES);
        sum20.intoArray(row2, at);
        sum21.intoArray(row2, at + LANES);
        sum22.intoArray(row2, at + 2 * LANES);
        sum23.intoArray(row2, at + 3 * LANES);
        sum30.intoArray(row3, at);
        sum31.intoArray(row3, at + LANES);
        sum32.intoArray(row3, at + 2 * LANES);
        sum33.intoArray(row3, at + 3 * LANES);
    }
}
