package org.quantado.kernels.hessian;

import java.lang.foreign.MemorySegment;

import org.quantado.kernels.graph.GraphPlan;

import uk.ac.manchester.tornado.api.common.TaskPackage;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/**
 * Sums up the {@link Hessian} of a layer's inputs on the device, in binary32. Layers that read the same inputs share one.
 * Not thread-safe.
 *
 * <pre>{@code
 * try (HessianSum sum = new HessianSum(4096)) {
 *     sum.add(x, rows);                           // as often as there are inputs
 *     Hessian hessian = sum.hessian(samples);
 * }
 * }</pre>
 */
public final class HessianSum implements AutoCloseable {
    /** Rows that go to the device at a time. */
    private static final int CAPACITY = 512;

    /** The largest K whose {@code K * K} elements one array holds. */
    private static final int MAX_COLUMNS = 46_340;

    private final int columns;
    private final FloatArray block;
    private final FloatArray sums;
    private final FloatArray factor = new FloatArray(1);
    private final GraphPlan plan;
    private long rows;

    /**
     * @param columns K, the inputs of the layer
     * @throws IllegalArgumentException if one array cannot hold it
     */
    public HessianSum(int columns) {
        if (columns < 1 || columns > MAX_COLUMNS) {
            throw new IllegalArgumentException("a Hessian of " + columns + " inputs: expected 1 to " + MAX_COLUMNS);
        }
        this.columns = columns;
        block = new FloatArray(Math.multiplyExact(CAPACITY, columns));
        sums = new FloatArray(columns * columns);
        GraphPlan.Builder builder = new GraphPlan.Builder();
        builder.add("hessian", graph -> graph.inputs(block).constants(sums)
                .task(TaskPackage.createPackage("add", HessianKernels::add, block, sums, columns), columns, columns)
                .persist(sums));
        builder.add("mirror", graph -> graph.consume("hessian", sums).inputs(factor)
                .task(TaskPackage.createPackage("scale", HessianKernels::mirror, sums, factor), columns, columns)
                .outputs(sums));
        plan = builder.build();
    }

    /** K. */
    public int columns() {
        return columns;
    }

    /** Tokens so far. */
    public long rows() {
        return rows;
    }

    /**
     * Adds inputs.
     *
     * @param x {@code [>= count, K]}
     * @param count rows of it that are added, those at its beginning
     */
    public void add(FloatArray x, int count) {
        for (int first = 0; first < count; first += CAPACITY) {
            int taken = Math.min(CAPACITY, count - first);
            long bytes = (long) taken * columns * Float.BYTES;
            MemorySegment.copy(x.getSegment(), (long) first * columns * Float.BYTES, block.getSegment(), 0, bytes);
            block.getSegment().asSlice(bytes).fill((byte) 0);
            plan.execute(0);
        }
        rows += count;
    }

    /**
     * What was summed up so far. Nothing can be added after it.
     *
     * @param samples sequences that the rows are of, by which the sum is divided as llm-compressor does; it is told as it
     * is where there are none
     */
    public Hessian hessian(int samples) {
        if (rows > 0) {
            factor.set(0, 2.0f / Math.max(1, samples));
            plan.execute(1);
        }
        return new Hessian(sums, columns, rows);
    }

    @Override
    public void close() {
        plan.close();
    }
}
