package org.quantado.models.decoder;

/** The rows of one execution: each is one id at one position of one sequence. Reused from step to step. */
final class StepRows {
    private final int[] ids = new int[DecoderPlan.MAX_ROWS];
    private final int[] sequences = new int[DecoderPlan.MAX_ROWS];
    private final int[] positions = new int[DecoderPlan.MAX_ROWS];
    private final int[] lengths = new int[DecoderPlan.MAX_ROWS];
    private int count;

    void clear() {
        count = 0;
    }

    /**
     * Adds a row.
     *
     * @param length of the sequence with all that is fed with it
     */
    void add(int id, int sequence, int position, int length) {
        ids[count] = id;
        sequences[count] = sequence;
        positions[count] = position;
        lengths[count] = length;
        count++;
    }

    int count() {
        return count;
    }

    int id(int row) {
        return ids[row];
    }

    int sequence(int row) {
        return sequences[row];
    }

    int position(int row) {
        return positions[row];
    }

    int length(int row) {
        return lengths[row];
    }
}
