package org.quantado.kernels.hessian;

import java.util.stream.IntStream;

import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** The tiles of a symmetric matrix that are summed up: those with elements on the diagonal or right of it. */
final class Tiles {
    private Tiles() {
    }

    /**
     * Rows and columns of tiles, one pair after another.
     *
     * @param size rows of the matrix, a multiple of both
     * @param height rows of a tile
     * @param width columns of a tile
     */
    static IntArray pairs(int size, int height, int width) {
        return IntArray.fromArray(IntStream.range(0, size / height).boxed()
                .flatMapToInt(down -> IntStream.range(down * height / width, size / width)
                        .flatMap(across -> IntStream.of(down, across)))
                .toArray());
    }
}
