package org.quantado.kernels.hessian;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

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
    /** The widest vectors of the machine, of which four fit into the columns of a tile. */
    private static final VectorSpecies<Float> FLOATS = 4 * FloatVector.SPECIES_PREFERRED.length() > TurnedInputs.COLUMNS
            ? FloatVector.SPECIES_512
            : FloatVector.SPECIES_PREFERRED;
    private static final int LANES = FLOATS.length();
    private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT;
    private static final int WIDTH = TurnedInputs.COLUMNS;

    /** Rows and columns of a tile of sums. */
    private static final int SIDE = HessianTasks.MULTIPLE;

    /** Rows of x that are added up at a time: 32 KB for the columns of a tile, which stay in the first cache. */
    private static final int STEP = 64;

    /** Rows of a tile of sums that are in registers at a time, by as many vectors. */
    private static final int PATCH = 4;

    @Override
    public void addTo(LayerGraph graph, FloatArray x, FloatArray sums, int columns) {
        FloatArray turned = new FloatArray(x.getSize());
        IntArray pairs = Tiles.pairs(columns, SIDE, SIDE);
        WorkerGrid grid = new WorkerGrid1D(pairs.getSize() / 2);
        grid.setLocalWork(1, 1, 1);
        graph.constants(pairs)
                .task(TaskPackage.createPackage("turn", TurnedInputs::turn, x, turned, columns),
                        columns / WIDTH, x.getSize() / columns)
                .task(TaskPackage.createPackage("add", HostTiles::add, turned, sums, pairs, columns), grid);
    }

    private static void add(FloatArray turned, FloatArray sums, IntArray pairs, int columns) {
        for (@Parallel int pair = 0; pair < pairs.getSize() / 2; pair++) {
            addTile(turned.getSegment().asReadOnly(), sums.getSegment(), pairs.get(2 * pair), pairs.get(2 * pair + 1),
                    columns, turned.getSize() / columns);
        }
    }

    /** Parts of both tiles are copied to arrays of the JVM, of which its compiler knows most. */
    private static void addTile(MemorySegment turned, MemorySegment sums, int down, int across, int columns, int rows) {
        float[] tile = new float[SIDE * SIDE];
        float[] left = new float[STEP * SIDE];
        float[] right = new float[STEP * SIDE];
        for (int i = 0; i < SIDE; i++) {
            MemorySegment.copy(sums, FLOAT, at(down * SIDE + i, across, columns), tile, i * SIDE, SIDE);
        }
        for (int first = 0; first < rows; first += STEP) {
            int count = Math.min(STEP, rows - first);
            copy(turned, down, first, rows, count, left);
            copy(turned, across, first, rows, count, right);
            for (int i = 0; i < SIDE; i += PATCH) {
                for (int j = 0; j < SIDE; j += PATCH * LANES) {
                    addPatch(left, i / WIDTH * STEP * WIDTH + i % WIDTH, right, j / WIDTH * STEP * WIDTH + j % WIDTH,
                            tile, i * SIDE + j, count);
                }
            }
        }
        for (int i = 0; i < SIDE; i++) {
            MemorySegment.copy(tile, i * SIDE, sums, FLOAT, at(down * SIDE + i, across, columns), SIDE);
        }
    }

    private static long at(int row, int across, int columns) {
        return ((long) row * columns + (long) across * SIDE) * Float.BYTES;
    }

    /** Some rows of the inputs of a tile of sums, {@code [SIDE / 64, STEP, 64]}. */
    private static void copy(MemorySegment turned, int tile, int first, int rows, int count, float[] to) {
        for (int part = 0; part < SIDE / WIDTH; part++) {
            long from = ((long) (tile * (SIDE / WIDTH) + part) * rows + first) * WIDTH;
            MemorySegment.copy(turned, FLOAT, from * Float.BYTES, to, part * STEP * WIDTH, count * WIDTH);
        }
    }

    private static void addPatch(float[] left, int leftAt, float[] right, int rightAt, float[] sums, int sum,
            int count) {
        FloatVector sum00 = FloatVector.fromArray(FLOATS, sums, sum);
        FloatVector sum01 = FloatVector.fromArray(FLOATS, sums, sum + LANES);
        FloatVector sum02 = FloatVector.fromArray(FLOATS, sums, sum + 2 * LANES);
        FloatVector sum03 = FloatVector.fromArray(FLOATS, sums, sum + 3 * LANES);
        FloatVector sum10 = FloatVector.fromArray(FLOATS, sums, sum + SIDE);
        FloatVector sum11 = FloatVector.fromArray(FLOATS, sums, sum + SIDE + LANES);
        FloatVector sum12 = FloatVector.fromArray(FLOATS, sums, sum + SIDE + 2 * LANES);
        FloatVector sum13 = FloatVector.fromArray(FLOATS, sums, sum + SIDE + 3 * LANES);
        FloatVector sum20 = FloatVector.fromArray(FLOATS, sums, sum + 2 * SIDE);
        FloatVector sum21 = FloatVector.fromArray(FLOATS, sums, sum + 2 * SIDE + LANES);
        FloatVector sum22 = FloatVector.fromArray(FLOATS, sums, sum + 2 * SIDE + 2 * LANES);
        FloatVector sum23 = FloatVector.fromArray(FLOATS, sums, sum + 2 * SIDE + 3 * LANES);
        FloatVector sum30 = FloatVector.fromArray(FLOATS, sums, sum + 3 * SIDE);
        FloatVector sum31 = FloatVector.fromArray(FLOATS, sums, sum + 3 * SIDE + LANES);
        FloatVector sum32 = FloatVector.fromArray(FLOATS, sums, sum + 3 * SIDE + 2 * LANES);
        FloatVector sum33 = FloatVector.fromArray(FLOATS, sums, sum + 3 * SIDE + 3 * LANES);
        for (int m = 0; m < count; m++) {
            int from = rightAt + m * WIDTH;
            int factors = leftAt + m * WIDTH;
            FloatVector x0 = FloatVector.fromArray(FLOATS, right, from);
            FloatVector x1 = FloatVector.fromArray(FLOATS, right, from + LANES);
            FloatVector x2 = FloatVector.fromArray(FLOATS, right, from + 2 * LANES);
            FloatVector x3 = FloatVector.fromArray(FLOATS, right, from + 3 * LANES);
            FloatVector factor0 = FloatVector.broadcast(FLOATS, left[factors]);
            sum00 = x0.fma(factor0, sum00);
            sum01 = x1.fma(factor0, sum01);
            sum02 = x2.fma(factor0, sum02);
            sum03 = x3.fma(factor0, sum03);
            FloatVector factor1 = FloatVector.broadcast(FLOATS, left[factors + 1]);
            sum10 = x0.fma(factor1, sum10);
            sum11 = x1.fma(factor1, sum11);
            sum12 = x2.fma(factor1, sum12);
            sum13 = x3.fma(factor1, sum13);
            FloatVector factor2 = FloatVector.broadcast(FLOATS, left[factors + 2]);
            sum20 = x0.fma(factor2, sum20);
            sum21 = x1.fma(factor2, sum21);
            sum22 = x2.fma(factor2, sum22);
            sum23 = x3.fma(factor2, sum23);
            FloatVector factor3 = FloatVector.broadcast(FLOATS, left[factors + 3]);
            sum30 = x0.fma(factor3, sum30);
            sum31 = x1.fma(factor3, sum31);
            sum32 = x2.fma(factor3, sum32);
            sum33 = x3.fma(factor3, sum33);
        }
        sum00.intoArray(sums, sum);
        sum01.intoArray(sums, sum + LANES);
        sum02.intoArray(sums, sum + 2 * LANES);
        sum03.intoArray(sums, sum + 3 * LANES);
        sum10.intoArray(sums, sum + SIDE);
        sum11.intoArray(sums, sum + SIDE + LANES);
        sum12.intoArray(sums, sum + SIDE + 2 * LANES);
        sum13.intoArray(sums, sum + SIDE + 3 * LANES);
        sum20.intoArray(sums, sum + 2 * SIDE);
        sum21.intoArray(sums, sum + 2 * SIDE + LANES);
        sum22.intoArray(sums, sum + 2 * SIDE + 2 * LANES);
        sum23.intoArray(sums, sum + 2 * SIDE + 3 * LANES);
        sum30.intoArray(sums, sum + 3 * SIDE);
        sum31.intoArray(sums, sum + 3 * SIDE + LANES);
        sum32.intoArray(sums, sum + 3 * SIDE + 2 * LANES);
        sum33.intoArray(sums, sum + 3 * SIDE + 3 * LANES);
    }
}
