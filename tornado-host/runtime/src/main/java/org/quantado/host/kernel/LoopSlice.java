package org.quantado.host.kernel;

/**
 * One of a number of slices that share a nest of {@code @Parallel} loops. The outermost loop is cut into even blocks;
 * where it has fewer iterations than there are slices, each iteration is shared by several slices, which cut the next
 * loop in the same way. Kernels made by {@link SlicedKernel} ask it for their range when they enter a loop from
 * {@code init} up to, but without, {@code bound}.
 */
public final class LoopSlice {
    private final int slice;
    private final int slices;
    private int first;
    private int end;

    /** The slice number {@code slice}, from 0 to {@code slices - 1}. */
    public LoopSlice(int slice, int slices) {
        this.slice = slice;
        this.slices = slices;
    }

    /**
     * The value with which the slice starts the loop.
     *
     * @param sharable
     *            whether there is another loop inside, so that slices can share an iteration of this one
     */
    public int first(int init, int bound, int step, boolean sharable) {
        int sharing = sharable ? sharing(init, bound, step) : 1;
        first = blockStart(init, bound, step, slice / sharing);
        return first;
    }

    /** The value at which the slice is done with the loop; not above its first value if it has nothing to do. */
    public int end(int init, int bound, int step, boolean sharable) {
        int sharing = sharable ? sharing(init, bound, step) : 1;
        end = blockStart(init, bound, step, slice / sharing + 1);
        return end;
    }

    /** This slice's part in the loop inside this one. */
    public LoopSlice inner(int init, int bound, int step) {
        int sharing = sharing(init, bound, step);
        return new LoopSlice(slice % sharing, sharing);
    }

    /** The range that was asked for last, for messages. */
    public String describe() {
        return first == end
                ? "its only run"
                : "iterations from " + first + " to below " + end + " of its @Parallel loop";
    }

    /** How many slices share an iteration. */
    private int sharing(int init, int bound, int step) {
        long iterations = iterations(init, bound, step);
        return iterations == 0 ? 1 : (int) Math.max(1, slices / iterations);
    }

    private int blockStart(int init, int bound, int step, int block) {
        long iterations = iterations(init, bound, step);
        long blocks = Math.min(slices, Math.max(1, iterations));
        return (int) Math.min(bound, init + step * (iterations * Math.min(block, blocks) / blocks));
    }

    private static long iterations(int init, int bound, int step) {
        return bound <= init ? 0 : ((long) bound - init + step - 1) / step;
    }
}
