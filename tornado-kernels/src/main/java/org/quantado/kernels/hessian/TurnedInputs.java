package org.quantado.kernels.hessian;

import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/** Inputs in tiles of 64 columns: the rows of a tile follow each other, so that a core reads it as it lies. */
final class TurnedInputs {
    /** Columns of a tile. */
    static final int COLUMNS = 64;

    private TurnedInputs() {
    }

    /**
     * Lays inputs out.
     *
     * @param x {@code [rows, K]}
     * @param turned {@code [K/64, rows, 64]}
     * @param columns K
     */
    static void turn(FloatArray x, FloatArray turned, int columns) {
        for (@Parallel int tile = 0; tile < x.getSize() / 64 / (x.getSize() / columns); tile++) {
            for (@Parallel int row = 0; row < x.getSize() / columns; row++) {
                int rows = x.getSize() / columns;
                int from = row * columns + tile * 64;
                int to = (tile * rows + row) * 64;
                for (int lane = 0; lane < 64; lane++) {
                    turned.set(to + lane, x.get(from + lane));
                }
            }
        }
    }
}
