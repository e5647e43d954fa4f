package org.quantado.kernels.attention;

import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Where the rows of a batch stand: each is one position of one sequence. Rows of one sequence are neighbours, in the order of
 * their positions; what they attend to was appended before, or is by the same batch.
 *
 * @param places {@code [M, 2]}, sequence and position of each row, on the device
 */
public record SequenceRows(IntArray places) {
    /** For up to {@code capacity} rows. */
    public static SequenceRows allocate(int capacity) {
        return new SequenceRows(new IntArray(Math.multiplyExact(2, capacity)));
    }

    /** Says where a row stands. */
    public void set(int row, int sequence, int position) {
        places.set(2 * row, sequence);
        places.set(2 * row + 1, position);
    }
}
