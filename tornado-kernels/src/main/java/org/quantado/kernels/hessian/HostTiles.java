package org.quantado.kernels.hessian;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

import org.quantado.kernels.graph.LayerGraph;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;
import uk.ac.manchester.tornado.api.WorkerGrid;
import uk.ac.manchester.tornado.api.WorkerGrid1D;
import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.common.TaskPackage;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** Sums in the JVM's own vectors, for the engine that runs kernels as the Java that they are. */
final class HostTiles implements HessianTasks {
    private static final VectorSpecies<Float> FLOATS = FloatVector.SPECIES_PREFERRED;
    private static final int LANES = FLOATS.length();
    private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT;
    private static final ByteOrder ORDER = ByteOrder.nativeOrder();

    /** Rows of x that are added up at a time: 32 KB of a tile, which stay in the first cache. */
    private static final int STEP = 128;

    /** Rows of a tile of sums that are in registers at a time, by as many vectors. */
    private static final int PATCH = 4;

    @Override
    public void addTo(LayerGraph graph, FloatArray x, FloatArray sums, int columns) {
        FloatArray turned = new FloatArray(x.getSize());
        IntArray pairs = Tiles.pairs(columns, TurnedInputs.COLUMNS, TurnedInputs.COLUMNS);
        WorkerGrid grid = new WorkerGrid1D(pairs.getSize() / 2);
        grid.setLocalWork(1, 1, 1);
        graph.constants(pairs)
                .task(TaskPackage.createPackage("turn", TurnedInputs::turn, x, turned, columns),
                        columns / TurnedInputs.COLUMNS, x.getSize() / columns)
                .task(TaskPackage.createPackage("add", HostTiles::add, turned, sums, pairs, columns), grid);
    }

    private static void add(FloatArray turned, FloatArray sums, IntArray pairs, int columns) {
        for (@Parallel int pair = 0; pair < pairs.getSize() / 2; pair++) {
            addTile(turned.getSegment().asReadOnly(), sums.getSegment(), pairs.get(2 * pair), pairs.get(2 * pair + 1),
                    columns, turned.getSize() / columns);
        }
    }

    private static void addTile(MemorySegment turned, MemorySegment sums, int down, int across, int columns, int rows) {
        for (int first = 0; first < rows; first += STEP) {
            int count = Math.min(STEP, rows - first);
            for (int i = 0; i < TurnedInputs.COLUMNS; i += PATCH) {
                for (int j = 0; j < TurnedInputs.COLUMNS; j += PATCH * LANES) {
                    long left = ((long) down * rows + first) * TurnedInputs.COLUMNS + i;
                    long right = ((long) across * rows + first) * TurnedInputs.COLUMNS + j;
                    long sum = ((long) down * TurnedInputs.COLUMNS + i) * columns
                            + (long) across * TurnedInputs.COLUMNS + j;
                    addPatch(turned, left * Float.BYTES, right * Float.BYTES, sums, sum * Float.BYTES,
                            (long) columns * Float.BYTES, count);
                }
            }
        }
    }

    private static void addPatch(MemorySegment turned, long left, long right, MemorySegment sums, long sum, long row,
            int count) {
        long vector = (long) LANES * Float.BYTES;
        FloatVector sum00 = load(sums, sum);
        FloatVector sum01 = load(sums, sum + vector);
        FloatVector sum02 = load(sums, sum + 2 * vector);
        FloatVector sum03 = load(sums, sum + 3 * vector);
        FloatVector sum10 = load(sums, sum + row);
        FloatVector sum11 = load(sums, sum + row + vector);
        FloatVector sum12 = load(sums, sum + row + 2 * vector);
        FloatVector sum13 = load(sums, sum + row + 3 * vector);
        FloatVector sum20 = load(sums, sum + 2 * row);
        FloatVector sum21 = load(sums, sum + 2 * row + vector);
        FloatVector sum22 = load(sums, sum + 2 * row + 2 * vector);
        FloatVector sum23 = load(sums, sum + 2 * row + 3 * vector);
        FloatVector sum30 = load(sums, sum + 3 * row);
        FloatVector sum31 = load(sums, sum + 3 * row + vector);
        FloatVector sum32 = load(sums, sum + 3 * row + 2 * vector);
        FloatVector sum33 = load(sums, sum + 3 * row + 3 * vector);
        long step = (long) TurnedInputs.COLUMNS * Float.BYTES;
        for (int m = 0; m < count; m++) {
            long at = right + m * step;
            FloatVector x0 = load(turned, at);
            FloatVector x1 = load(turned, at + vector);
            FloatVector x2 = load(turned, at + 2 * vector);
            FloatVector x3 = load(turned, at + 3 * vector);
            long scalar = left + m * step;
            FloatVector y = FloatVector.broadcast(FLOATS, turned.get(FLOAT, scalar));
            sum00 = y.fma(x0, sum00);
            sum01 = y.fma(x1, sum01);
            sum02 = y.fma(x2, sum02);
            sum03 = y.fma(x3, sum03);
            y = FloatVector.broadcast(FLOATS, turned.get(FLOAT, scalar + Float.BYTES));
            sum10 = y.fma(x0, sum10);
            sum11 = y.fma(x1, sum11);
            sum12 = y.fma(x2, sum12);
            sum13 = y.fma(x3, sum13);
            y = FloatVector.broadcast(FLOATS, turned.get(FLOAT, scalar + 2 * Float.BYTES));
            sum20 = y.fma(x0, sum20);
            sum21 = y.fma(x1, sum21);
            sum22 = y.fma(x2, sum22);
            sum23 = y.fma(x3, sum23);
            y = FloatVector.broadcast(FLOATS, turned.get(FLOAT, scalar + 3 * Float.BYTES));
            sum30 = y.fma(x0, sum30);
            sum31 = y.fma(x1, sum31);
            sum32 = y.fma(x2, sum32);
            sum33 = y.fma(x3, sum33);
        }
        store(sum00, sums, sum);
        store(sum01, sums, sum + vector);
        store(sum02, sums, sum + 2 * vector);
        store(sum03, sums, sum + 3 * vector);
        store(sum10, sums, sum + row);
        store(sum11, sums, sum + row + vector);
        store(sum12, sums, sum + row + 2 * vector);
        store(sum13, sums, sum + row + 3 * vector);
        store(sum20, sums, sum + 2 * row);
        store(sum21, sums, sum + 2 * row + vector);
        store(sum22, sums, sum + 2 * row + 2 * vector);
        store(sum23, sums, sum + 2 * row + 3 * vector);
        store(sum30, sums, sum + 3 * row);
        store(sum31, sums, sum + 3 * row + vector);
        store(sum32, sums, sum + 3 * row + 2 * vector);
        store(sum33, sums, sum + 3 * row + 3 * vector);
    }

    private static FloatVector load(MemorySegment from, long at) {
        return FloatVector.fromMemorySegment(FLOATS, from, at, ORDER);
    }

    private static void store(FloatVector vector, MemorySegment to, long at) {
        vector.intoMemorySegment(to, at, ORDER);
    }
}
