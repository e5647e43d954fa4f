package org.quantado.kernels.hessian;

import org.quantado.kernels.graph.LayerGraph;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.WorkerGrid;
import uk.ac.manchester.tornado.api.WorkerGrid2D;
import uk.ac.manchester.tornado.api.common.TaskPackage;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Sums by work-groups that share rows of x in local memory. A work-group makes a tile of 128 x 64 sums, a work-item a patch
 * of 8 x 4, so that twelve reads of local memory serve 32 products. The rows and columns of a patch lie 16 apart: neighbours
 * read neighbouring elements.
 */
final class GpuTiles implements HessianTasks {
    private static final int HEIGHT = 128;
    private static final int WIDTH = 64;

    /** Work-items of a work-group in each direction. */
    private static final int SIDE = 16;

    /** Rows of x that are in local memory at a time. */
    private static final int STEP = 16;

    @Override
    public void addTo(LayerGraph graph, FloatArray x, FloatArray sums, int columns) {
        IntArray pairs = Tiles.pairs(columns, HEIGHT, WIDTH);
        WorkerGrid grid = new WorkerGrid2D(pairs.getSize() / 2 * SIDE, SIDE);
        grid.setLocalWork(SIDE, SIDE, 1);
        graph.constants(pairs).task(TaskPackage.createPackage("add", GpuTiles::add, new KernelContext(), x, sums, pairs,
                columns), grid);
    }

    private static void add(KernelContext context, FloatArray x, FloatArray sums, IntArray pairs, int columns) {
        float[] left = context.allocateFloatLocalArray(STEP * HEIGHT);
        float[] right = context.allocateFloatLocalArray(STEP * WIDTH);
        int across = context.localIdx;
        int down = context.localIdy;
        int item = down * SIDE + across;
        int firstRow = pairs.get(2 * context.groupIdx) * HEIGHT;
        int firstColumn = pairs.get(2 * context.groupIdx + 1) * WIDTH;
        int rows = x.getSize() / columns;
        float sum00 = 0.0f;
        float sum01 = 0.0f;
        float sum02 = 0.0f;
        float sum03 = 0.0f;
        float sum10 = 0.0f;
        float sum11 = 0.0f;
        float sum12 = 0.0f;
        float sum13 = 0.0f;
        float sum20 = 0.0f;
        float sum21 = 0.0f;
        float sum22 = 0.0f;
        float sum23 = 0.0f;
        float sum30 = 0.0f;
        float sum31 = 0.0f;
        float sum32 = 0.0f;
        float sum33 = 0.0f;
        float sum40 = 0.0f;
        float sum41 = 0.0f;
        float sum42 = 0.0f;
        float sum43 = 0.0f;
        float sum50 = 0.0f;
        float sum51 = 0.0f;
        float sum52 = 0.0f;
        float sum53 = 0.0f;
        float sum60 = 0.0f;
        float sum61 = 0.0f;
        float sum62 = 0.0f;
        float sum63 = 0.0f;
        float sum70 = 0.0f;
        float sum71 = 0.0f;
        float sum72 = 0.0f;
        float sum73 = 0.0f;
        for (int step = 0; step < rows; step += STEP) {
            for (int i = item; i < STEP * HEIGHT; i += SIDE * SIDE) {
                left[i] = x.get((step + i / HEIGHT) * columns + firstRow + i % HEIGHT);
            }
            for (int i = item; i < STEP * WIDTH; i += SIDE * SIDE) {
                right[i] = x.get((step + i / WIDTH) * columns + firstColumn + i % WIDTH);
            }
            context.localBarrier();
            for (int m = 0; m < STEP; m++) {
                int y = m * HEIGHT + down;
                int z = m * WIDTH + across;
                float y0 = left[y];
                float y1 = left[y + 16];
                float y2 = left[y + 32];
                float y3 = left[y + 48];
                float y4 = left[y + 64];
                float y5 = left[y + 80];
                float y6 = left[y + 96];
                float y7 = left[y + 112];
                float z0 = right[z];
                float z1 = right[z + 16];
                float z2 = right[z + 32];
                float z3 = right[z + 48];
                sum00 += y0 * z0;
                sum01 += y0 * z1;
                sum02 += y0 * z2;
                sum03 += y0 * z3;
                sum10 += y1 * z0;
                sum11 += y1 * z1;
                sum12 += y1 * z2;
                sum13 += y1 * z3;
                sum20 += y2 * z0;
                sum21 += y2 * z1;
                sum22 += y2 * z2;
                sum23 += y2 * z3;
                sum30 += y3 * z0;
                sum31 += y3 * z1;
                sum32 += y3 * z2;
                sum33 += y3 * z3;
                sum40 += y4 * z0;
                sum41 += y4 * z1;
                sum42 += y4 * z2;
                sum43 += y4 * z3;
                sum50 += y5 * z0;
                sum51 += y5 * z1;
                sum52 += y5 * z2;
                sum53 += y5 * z3;
                sum60 += y6 * z0;
                sum61 += y6 * z1;
                sum62 += y6 * z2;
                sum63 += y6 * z3;
                sum70 += y7 * z0;
                sum71 += y7 * z1;
                sum72 += y7 * z2;
                sum73 += y7 * z3;
            }
            context.localBarrier();
        }
        int to = (firstRow + down) * columns + firstColumn + across;
        add(sums, to, sum00, sum01, sum02, sum03);
        add(sums, to + 16 * columns, sum10, sum11, sum12, sum13);
        add(sums, to + 32 * columns, sum20, sum21, sum22, sum23);
        add(sums, to + 48 * columns, sum30, sum31, sum32, sum33);
        add(sums, to + 64 * columns, sum40, sum41, sum42, sum43);
        add(sums, to + 80 * columns, sum50, sum51, sum52, sum53);
        add(sums, to + 96 * columns, sum60, sum61, sum62, sum63);
        add(sums, to + 112 * columns, sum70, sum71, sum72, sum73);
    }

    private static void add(FloatArray sums, int to, float sum0, float sum1, float sum2, float sum3) {
        sums.set(to, sums.get(to) + sum0);
        sums.set(to + 16, sums.get(to + 16) + sum1);
        sums.set(to + 32, sums.get(to + 32) + sum2);
        sums.set(to + 48, sums.get(to + 48) + sum3);
    }
}
