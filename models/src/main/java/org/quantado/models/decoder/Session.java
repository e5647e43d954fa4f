package org.quantado.models.decoder;

import java.util.Arrays;
import java.util.BitSet;
import java.util.Map;

import org.quantado.kernels.attention.KvFormat;
import org.quantado.kernels.graph.GraphTimes;
import org.quantado.kernels.graph.Profiled;

import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/**
 * A model on the device, and sequences of ids that it goes on with. Each sequence has its place in the cache; rows of several
 * go through the weights together. Not thread-safe.
 *
 * <p>After an {@link InputException} the session is as it was before.
 */
public final class Session implements Profiled, AutoCloseable {
    /** Sequences that there may be at a time. */
    public static final int MOST_SEQUENCES = DecoderPlan.MAX_ROWS;

    private static final int FREE = -1;

    private final DecoderWeights weights;
    private final DecoderPlan plan;
    private final int[] lengths;
    private final StepRows rows = new StepRows();
    private final int[] chosen = new int[DecoderPlan.MAX_ROWS];
    private final int[] best = new int[DecoderPlan.MAX_ROWS];
    private final BitSet seen = new BitSet();

    /** Reads logits as they are made, block by block. */
    @FunctionalInterface
    public interface LogitReader {
        /**
         * Of some consecutive ids that were fed.
         *
         * @param first number of the first of them
         * @param count how many
         * @param logits {@code [count, V]} or more, to be read at once
         */
        void read(int first, int count, FloatArray logits);
    }

    /** Reads the states of layers, block by block. */
    public interface StateReader {
        /**
         * What a layer gives, of some consecutive ids that were fed.
         *
         * @param layer its number, -1 for the embedding
         * @param first number of the first id
         * @param count how many
         * @param states {@code [count, H]} or more, to be read at once
         */
        void hidden(int layer, int first, int count, FloatArray states);

        /** What a layer's attention gives. */
        void attended(int layer, int first, int count, FloatArray states);
    }

    /**
     * Brings the weights to the device.
     *
     * @param sequences at a time, 1 to {@value #MOST_SEQUENCES}
     * @param observed whether states can be read
     * @throws org.quantado.kernels.engine.DeviceException if the device has no room
     */
    public Session(DecoderWeights weights, int sequences, KvFormat cache, boolean observed) {
        if (sequences < 1 || sequences > MOST_SEQUENCES) {
            throw new InputException(sequences + " sequences at a time: expected 1 to " + MOST_SEQUENCES);
        }
        this.weights = weights;
        this.plan = new DecoderPlan(weights, sequences, weights.positions(), cache, observed);
        this.lengths = new int[sequences];
        Arrays.fill(lengths, FREE);
    }

    /**
     * Begins a sequence.
     *
     * @return its number, for the other methods
     * @throws InputException if there are as many as the session has room for
     */
    public int open() {
        for (int sequence = 0; sequence < lengths.length; sequence++) {
            if (lengths[sequence] == FREE) {
                lengths[sequence] = 0;
                return sequence;
            }
        }
        throw new InputException(lengths.length + " sequences are open, for which the session has room");
    }

    /** Ends a sequence; its place is free for another. */
    public void close(int sequence) {
        length(sequence);
        lengths[sequence] = FREE;
    }

    /** How many ids a sequence has. */
    public int length(int sequence) {
        if (sequence < 0 || sequence >= lengths.length || lengths[sequence] == FREE) {
            throw new IllegalArgumentException("sequence " + sequence + " is not open");
        }
        return lengths[sequence];
    }

    /** Forgets the last ids of a sequence. */
    public void truncate(int sequence, int length) {
        if (length < 0 || length > length(sequence)) {
            throw new IllegalArgumentException("a sequence of " + length(sequence) + " ids has no first " + length);
        }
        lengths[sequence] = length;
    }

    /** Sequences at a time, at most. */
    public int sequences() {
        return lengths.length;
    }

    /** Most ids of a sequence. */
    public int context() {
        return weights.positions();
    }

    /** V. */
    public int vocabulary() {
        return weights.spec().vocabulary();
    }

    /**
     * Goes on with a sequence.
     *
     * @param ids at least one
     * @return the id of the largest logit after the last; of equal ones the lowest
     * @throws InputException if there are no ids, too many, or one is none of the vocabulary
     */
    public int next(int sequence, int[] ids) {
        int last = feedAll(sequence, ids);
        chosen[0] = last;
        plan.best(chosen, 0, 1, best);
        return best[0];
    }

    /**
     * Goes on with a sequence.
     *
     * @param ids at least one
     * @return {@code [V]} or more, the logits after the last, to be read before the next call
     * @throws InputException as {@link #next} does
     */
    public FloatArray logits(int sequence, int[] ids) {
        chosen[0] = feedAll(sequence, ids);
        return plan.logits(chosen, 0, 1);
    }

    /** Goes on with a sequence; the row of the last id. */
    private int feedAll(int sequence, int[] ids) {
        requireIds(sequence, ids);
        int length = lengths[sequence] + ids.length;
        for (int first = 0; first < ids.length; first += DecoderPlan.MAX_ROWS) {
            int count = Math.min(DecoderPlan.MAX_ROWS, ids.length - first);
            feed(sequence, ids, first, count, length, null);
        }
        return (ids.length - 1) % DecoderPlan.MAX_ROWS;
    }

    private void feed(int sequence, int[] ids, int first, int count, int length, DecoderPlan.Observer observer) {
        rows.clear();
        for (int i = 0; i < count; i++) {
            rows.add(ids[first + i], sequence, lengths[sequence] + i, length);
        }
        plan.run(rows, observer);
        lengths[sequence] += count;
    }

    /**
     * Goes on with a sequence, and reads the logits after every id.
     *
     * @throws InputException as {@link #next} does
     */
    public void logits(int sequence, int[] ids, LogitReader reader) {
        requireIds(sequence, ids);
        int length = lengths[sequence] + ids.length;
        for (int first = 0; first < ids.length; first += DecoderPlan.MAX_ROWS) {
            int count = Math.min(DecoderPlan.MAX_ROWS, ids.length - first);
            feed(sequence, ids, first, count, length, null);
            readLogits(first, count, reader);
        }
    }

    private void readLogits(int first, int count, LogitReader reader) {
        for (int i = 0; i < count; i++) {
            chosen[i] = i;
        }
        for (int from = 0; from < count; from += DecoderPlan.MAX_LOGITS) {
            int some = Math.min(DecoderPlan.MAX_LOGITS, count - from);
            reader.read(first + from, some, plan.logits(chosen, from, some));
        }
    }

    /**
     * Goes on with a sequence, and reads the states of every layer and the logits after every id. The session must be an
     * observed one.
     *
     * @throws InputException as {@link #next} does
     */
    public void observe(int sequence, int[] ids, StateReader states, LogitReader reader) {
        requireIds(sequence, ids);
        int length = lengths[sequence] + ids.length;
        for (int first = 0; first < ids.length; first += DecoderPlan.MAX_ROWS) {
            int count = Math.min(DecoderPlan.MAX_ROWS, ids.length - first);
            int from = first;
            feed(sequence, ids, first, count, length, new DecoderPlan.Observer() {
                @Override
                public void hidden(int layer, FloatArray values, int number) {
                    states.hidden(layer, from, number, values);
                }

                @Override
                public void attended(int layer, FloatArray values, int number) {
                    states.attended(layer, from, number, values);
                }
            });
            readLogits(first, count, reader);
        }
    }

    /**
     * Goes on with several sequences by one id each.
     *
     * @param sequences different ones
     * @param ids for each of them
     * @param next written: for each of them the id of the largest logit
     * @throws InputException as {@link #next} does
     */
    public void step(int[] sequences, int[] ids, int[] next) {
        feedStep(sequences, ids);
        for (int from = 0; from < ids.length; from += DecoderPlan.MAX_LOGITS) {
            plan.best(chosen, from, Math.min(DecoderPlan.MAX_LOGITS, ids.length - from), next);
        }
    }

    /**
     * Goes on with several sequences by one id each.
     *
     * @param sequences different ones
     * @param ids for each of them
     * @param reader reads the logits of each
     * @throws InputException as {@link #next} does
     */
    public void step(int[] sequences, int[] ids, LogitReader reader) {
        feedStep(sequences, ids);
        readLogits(0, ids.length, reader);
    }

    private void feedStep(int[] sequences, int[] ids) {
        if (sequences.length != ids.length || ids.length > DecoderPlan.MAX_ROWS) {
            throw new IllegalArgumentException(ids.length + " ids for " + sequences.length + " sequences");
        }
        if (ids.length == 0) {
            throw noIds();
        }
        seen.clear();
        rows.clear();
        for (int i = 0; i < ids.length; i++) {
            requireRoom(sequences[i], 1);
            requireId(i, ids[i]);
            if (seen.get(sequences[i])) {
                throw new IllegalArgumentException("sequence " + sequences[i] + " is there twice");
            }
            seen.set(sequences[i]);
            rows.add(ids[i], sequences[i], lengths[sequences[i]], lengths[sequences[i]] + 1);
            chosen[i] = i;
        }
        plan.run(rows, null);
        for (int sequence : sequences) {
            lengths[sequence]++;
        }
    }

    private void requireIds(int sequence, int[] ids) {
        if (ids.length == 0) {
            throw noIds();
        }
        requireRoom(sequence, ids.length);
        for (int i = 0; i < ids.length; i++) {
            requireId(i, ids[i]);
        }
    }

    private static InputException noIds() {
        return new InputException("a prompt of no tokens: expected one at least");
    }

    private void requireRoom(int sequence, int more) {
        if (length(sequence) + (long) more > weights.positions()) {
            boolean byModel = weights.positions() == weights.spec().positions();
            throw new InputException("a sequence of " + (length(sequence) + (long) more) + " tokens: "
                    + (byModel ? "the model allows " : "the cache has room for ") + weights.positions());
        }
    }

    private void requireId(int index, int id) {
        if (id < 0 || id >= vocabulary()) {
            throw new InputException("token " + index + " has the id " + id + ": expected 0 to " + (vocabulary() - 1));
        }
    }

    /** Kernels that were compiled so far: one for each task, when it is needed first. */
    public int kernels() {
        return plan.kernels();
    }

    @Override
    public void profile(boolean on) {
        plan.profile(on);
    }

    @Override
    public GraphTimes takeTimes() {
        return plan.takeTimes();
    }

    /** As {@link #takeTimes}, by the names of the decoder's graphs: look-up, each kind of layer, logits. */
    public Map<String, GraphTimes> takeTimesByGraph() {
        return plan.takeTimesByGraph();
    }

    /** Frees the device's memory. */
    @Override
    public void close() {
        plan.close();
    }
}
