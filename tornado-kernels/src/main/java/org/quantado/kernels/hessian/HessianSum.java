package org.quantado.kernels.hessian;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

import org.quantado.kernels.graph.GraphPlan;
import org.quantado.kernels.graph.GraphTimes;
import org.quantado.kernels.graph.Profiled;
import org.quantado.kernels.matmul.Flavour;
import org.quantado.kernels.matmul.FlavourChoice;

import uk.ac.manchester.tornado.api.common.TaskPackage;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

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
public final class HessianSum implements Profiled, AutoCloseable {
    /** Rows that go to the device at a time. */
    public static final int CAPACITY = 512;

    /** Rows that come from the device at a time. */
    private static final int READ_ROWS = HessianTasks.MULTIPLE;

    /** The largest K whose {@code K * K} elements one array holds. */
    private static final int MAX_COLUMNS = 46_336;

    private static final String CLEAR = "hessianClear";
    private static final String ADD = "hessian";
    private static final String READ = "hessianRows";

    private final int columns;
    private final int stride;
    private final FloatArray block;
    private final FloatArray sums;
    private final FloatArray some;
    private final IntArray first = new IntArray(1);
    private final int clear;
    private final int add;
    private final int read;
    private final GraphPlan plan;
    private long rows;

    /**
     * With the flavour of the device.
     *
     * @param columns K, the inputs of the layer
     * @throws IllegalArgumentException if one array cannot hold it
     */
    public HessianSum(int columns) {
        this(columns, FlavourChoice.forDevice().flavour());
    }

    /** With this flavour, which the device must be able to run. */
    public HessianSum(int columns, Flavour flavour) {
        if (columns < 1 || columns > MAX_COLUMNS) {
            throw new IllegalArgumentException("a Hessian of " + columns + " inputs: expected 1 to " + MAX_COLUMNS);
        }
        this.columns = columns;
        stride = Math.ceilDiv(columns, HessianTasks.MULTIPLE) * HessianTasks.MULTIPLE;
        block = new FloatArray(Math.multiplyExact(CAPACITY, stride));
        sums = new FloatArray(stride * stride);
        some = new FloatArray(READ_ROWS * stride);
        GraphPlan.Builder builder = new GraphPlan.Builder();
        clear = builder.add(CLEAR, graph -> {
            graph.constants(sums).task(TaskPackage.createPackage("clear", HessianKernels::clear, sums, stride), stride,
                    stride);
            graph.persist(sums);
        });
        add = builder.add(ADD, graph -> HessianTasks.of(flavour).addTo(graph.consume(CLEAR, sums).inputs(block), block,
                sums, stride));
        read = builder.add(READ, graph -> graph.consume(CLEAR, sums).inputs(first)
                .task(TaskPackage.createPackage("read", HessianKernels::read, sums, some, first, stride), READ_ROWS,
                        stride)
                .outputs(some));
        plan = builder.build();
        plan.execute(clear);
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
        if (x.getSize() < (long) count * columns) {
            throw new IllegalArgumentException(x.getSize() + " inputs are not " + count + " rows of " + columns);
        }
        for (int first = 0; first < count; first += CAPACITY) {
            int taken = Math.min(CAPACITY, count - first);
            fill(x, first, taken);
            plan.execute(add);
        }
        rows += count;
    }

    /** Rows and columns beyond are 0, and add nothing. */
    private void fill(FloatArray x, int first, int taken) {
        MemorySegment from = x.getSegment();
        MemorySegment to = block.getSegment();
        long row = (long) columns * Float.BYTES;
        if (stride == columns) {
            MemorySegment.copy(from, first * row, to, 0, taken * row);
        } else {
            for (int i = 0; i < taken; i++) {
                MemorySegment.copy(from, (first + i) * row, to, (long) i * stride * Float.BYTES, row);
            }
        }
        to.asSlice((long) taken * stride * Float.BYTES).fill((byte) 0);
    }

    /**
     * What was summed up so far.
     *
     * @param samples sequences that the rows are of, by which the sum is divided as llm-compressor does
     */
    public Hessian hessian(int samples) {
        return sums(Arena.ofAuto()).hessian(samples);
    }

    /**
     * What was summed up so far, to be added to other sums.
     *
     * @param arena whose memory it is in, for all threads
     */
    public SquareSums sums(Arena arena) {
        SquareSums all = SquareSums.allocate(columns, rows, arena);
        for (int row = 0; row < columns && rows > 0; row += READ_ROWS) {
            first.set(0, row);
            plan.execute(read);
            for (int i = row; i < Math.min(columns, row + READ_ROWS); i++) {
                MemorySegment.copy(some.getSegment(), ((i - row) * (long) stride + i) * Float.BYTES, all.values(),
                        SquareSums.start(i, columns) * Float.BYTES, (columns - i) * (long) Float.BYTES);
            }
        }
        return all;
    }

    /** Begins again, with no inputs. */
    public void clear() {
        plan.execute(clear);
        rows = 0;
    }

    @Override
    public void profile(boolean on) {
        plan.profile(on);
    }

    @Override
    public GraphTimes takeTimes() {
        return plan.takeTimes();
    }

    @Override
    public void close() {
        plan.close();
    }
}
