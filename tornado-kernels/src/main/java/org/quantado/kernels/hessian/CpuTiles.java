package org.quantado.kernels.hessian;

import org.quantado.kernels.graph.LayerGraph;

import uk.ac.manchester.tornado.api.WorkerGrid;
import uk.ac.manchester.tornado.api.WorkerGrid1D;
import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.common.TaskPackage;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.collections.VectorFloat16;
import uk.ac.manchester.tornado.api.types.vectors.Float16;

/** Sums in TornadoVM's vectors, for CPU devices. */
final class CpuTiles implements HessianTasks {
    /** Patches of four rows in a tile. */
    private static final int PATCHES = TurnedInputs.COLUMNS / 4;

    private static final int LANES = 16;

    @Override
    public void addTo(LayerGraph graph, FloatArray x, FloatArray sums, int columns) {
        FloatArray turned = new FloatArray(x.getSize());
        VectorFloat16 vectors = new VectorFloat16(x.getSize() / LANES);
        IntArray pairs = Tiles.pairs(columns, TurnedInputs.COLUMNS, TurnedInputs.COLUMNS);
        WorkerGrid grid = new WorkerGrid1D(pairs.getSize() / 2 * PATCHES);
        grid.setLocalWork(PATCHES, 1, 1);
        WorkerGrid lanes = new WorkerGrid1D(vectors.getLength());
        lanes.setLocalWork(64, 1, 1);
        graph.constants(pairs, vectors)
                .task(TaskPackage.createPackage("turn", TurnedInputs::turn, x, turned, columns),
                        columns / TurnedInputs.COLUMNS, x.getSize() / columns)
                .task(TaskPackage.createPackage("gather", CpuTiles::gather, turned, vectors), lanes)
                .task(TaskPackage.createPackage("add", CpuTiles::add, turned, vectors, sums, pairs, columns), grid);
    }

    private static void gather(FloatArray turned, VectorFloat16 vectors) {
        for (@Parallel int i = 0; i < vectors.getLength(); i++) {
            vectors.set(i, load(turned, 16 * i));
        }
    }

    /**
     * Four rows of a tile of sums by one work-item.
     *
     * @param turned {@code [K/64, rows, 64]}
     * @param vectors the same
     */
    private static void add(FloatArray turned, VectorFloat16 vectors, FloatArray sums, IntArray pairs, int columns) {
        for (@Parallel int patch = 0; patch < pairs.getSize() * 8; patch++) {
            int rows = turned.getSize() / columns;
            int down = pairs.get(patch / 16 * 2);
            int across = pairs.get(patch / 16 * 2 + 1);
            int left = down * rows * 64 + patch % 16 * 4;
            int right = across * rows * 4;
            int row0 = (down * 64 + patch % 16 * 4) * columns + across * 64;
            int row1 = row0 + columns;
            int row2 = row1 + columns;
            int row3 = row2 + columns;
            Float16 sum00 = load(sums, row0);
            Float16 sum01 = load(sums, row0 + 16);
            Float16 sum02 = load(sums, row0 + 32);
            Float16 sum03 = load(sums, row0 + 48);
            Float16 sum10 = load(sums, row1);
            Float16 sum11 = load(sums, row1 + 16);
            Float16 sum12 = load(sums, row1 + 32);
            Float16 sum13 = load(sums, row1 + 48);
            Float16 sum20 = load(sums, row2);
            Float16 sum21 = load(sums, row2 + 16);
            Float16 sum22 = load(sums, row2 + 32);
            Float16 sum23 = load(sums, row2 + 48);
            Float16 sum30 = load(sums, row3);
            Float16 sum31 = load(sums, row3 + 16);
            Float16 sum32 = load(sums, row3 + 32);
            Float16 sum33 = load(sums, row3 + 48);
            for (int m = 0; m < rows; m++) {
                Float16 x0 = vectors.get(right + 4 * m);
                Float16 x1 = vectors.get(right + 4 * m + 1);
                Float16 x2 = vectors.get(right + 4 * m + 2);
                Float16 x3 = vectors.get(right + 4 * m + 3);
                Float16 y0 = splat(turned.get(left + 64 * m));
                sum00 = Float16.add(sum00, Float16.mult(x0, y0));
                sum01 = Float16.add(sum01, Float16.mult(x1, y0));
                sum02 = Float16.add(sum02, Float16.mult(x2, y0));
                sum03 = Float16.add(sum03, Float16.mult(x3, y0));
                Float16 y1 = splat(turned.get(left + 64 * m + 1));
                sum10 = Float16.add(sum10, Float16.mult(x0, y1));
                sum11 = Float16.add(sum11, Float16.mult(x1, y1));
                sum12 = Float16.add(sum12, Float16.mult(x2, y1));
                sum13 = Float16.add(sum13, Float16.mult(x3, y1));
                Float16 y2 = splat(turned.get(left + 64 * m + 2));
                sum20 = Float16.add(sum20, Float16.mult(x0, y2));
                sum21 = Float16.add(sum21, Float16.mult(x1, y2));
                sum22 = Float16.add(sum22, Float16.mult(x2, y2));
                sum23 = Float16.add(sum23, Float16.mult(x3, y2));
                Float16 y3 = splat(turned.get(left + 64 * m + 3));
                sum30 = Float16.add(sum30, Float16.mult(x0, y3));
                sum31 = Float16.add(sum31, Float16.mult(x1, y3));
                sum32 = Float16.add(sum32, Float16.mult(x2, y3));
                sum33 = Float16.add(sum33, Float16.mult(x3, y3));
            }
            store(sum00, sums, row0);
            store(sum01, sums, row0 + 16);
            store(sum02, sums, row0 + 32);
            store(sum03, sums, row0 + 48);
            store(sum10, sums, row1);
            store(sum11, sums, row1 + 16);
            store(sum12, sums, row1 + 32);
            store(sum13, sums, row1 + 48);
            store(sum20, sums, row2);
            store(sum21, sums, row2 + 16);
            store(sum22, sums, row2 + 32);
            store(sum23, sums, row2 + 48);
            store(sum30, sums, row3);
            store(sum31, sums, row3 + 16);
            store(sum32, sums, row3 + 32);
            store(sum33, sums, row3 + 48);
        }
    }

    private static Float16 load(FloatArray from, int at) {
        Float16 lanes = new Float16();
        for (int i = 0; i < 16; i++) {
            lanes.set(i, from.get(at + i));
        }
        return lanes;
    }

    private static void store(Float16 lanes, FloatArray to, int at) {
        for (int i = 0; i < 16; i++) {
            to.set(at + i, lanes.get(i));
        }
    }

    private static Float16 splat(float x) {
        return new Float16(x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x);
    }
}
