package org.quantado.kernels.hessian;

/** Plain loops, for a JVM without its vectors. */
final class PlainPatches implements Patches {
    @Override
    public void add(double[][] sums, int at, double[] left, int leftAt, double[] right, int rightAt, int count) {
        double[] row = new double[COLUMNS];
        for (int r = 0; r < ROWS; r++) {
            System.arraycopy(sums[r], at, row, 0, COLUMNS);
            for (int k = 0; k < count; k++) {
                double factor = left[leftAt + k * ROWS + r];
                int from = rightAt + k * COLUMNS;
                for (int c = 0; c < COLUMNS; c++) {
                    row[c] = Math.fma(factor, right[from + c], row[c]);
                }
            }
            System.arraycopy(row, 0, sums[r], at, COLUMNS);
        }
    }
}
