package org.quantado.kernels.matmul.tiled;

import java.util.List;
import java.util.Map;
import java.util.Optional;

import org.quantado.kernels.graph.LayerGraph;
import org.quantado.kernels.graph.Rows;
import org.quantado.kernels.matmul.BlockSizes;
import org.quantado.kernels.matmul.ExpertWeights;
import org.quantado.kernels.matmul.Matmul;
import org.quantado.kernels.matmul.RowBlocks;

import uk.ac.manchester.tornado.api.WorkerGrid;
import uk.ac.manchester.tornado.api.WorkerGrid2D;
import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.common.TaskPackage;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.collections.VectorFloat16;
import uk.ac.manchester.tornado.api.types.collections.VectorInt16;
import uk.ac.manchester.tornado.api.types.vectors.Float16;

/** The product with a {@link TiledWeight}, by kernels of which one work-item makes a tile's part of a block of rows. */
public final class TiledMatmul implements Matmul {
    public static final BlockSizes USUAL_BLOCKS = BlockSizes.of(Map.of(1, 1, 4, 4, 16, 16));

    private final TiledWeight weight;
    private final Kernels kernels;
    private final BlockSizes blocks;

    /** The kernels of a flavour. */
    public interface Kernels {
        /** The codes that they decode, the narrowest first. */
        List<TileCode> codes();

        /**
         * The task that multiplies, after tasks that lay x out for it.
         *
         * @param blocks of 1, 4 or 16 rows of x
         * @param sizes {@link TiledWeight#sizes}, on the device
         */
        TaskPackage task(LayerGraph graph, String name, Rows x, RowBlocks blocks, TiledWeight weight, IntArray sizes,
                Rows y);
    }

    private TiledMatmul(TiledWeight weight, Kernels kernels, BlockSizes blocks) {
        this.weight = weight;
        this.kernels = kernels;
        this.blocks = blocks;
    }

    /**
     * Packs a weight for these kernels.
     *
     * @param blocks of 1, 4 or 16 rows
     * @return empty if they have no code with the values of the weight
     */
    public static Optional<Matmul> prepare(ExpertWeights weights, Kernels kernels, BlockSizes blocks) {
        return TiledWeight.pack(weights, kernels.codes()).map(weight -> new TiledMatmul(weight, kernels, blocks));
    }

    @Override
    public Object[] arrays() {
        return new Object[]{weight.words(), weight.scales(), weight.zeros(), weight.bias()};
    }

    @Override
    public void touch(LayerGraph graph, String task) {
        graph.task(TaskPackage.createPackage(task, TiledMatmul::read, weight.words(), weight.scales(), weight.zeros(),
                weight.bias(), new VectorFloat16(1)), 1, 1);
    }

    private static void read(VectorInt16 words, VectorFloat16 scales, VectorFloat16 zeros, VectorFloat16 bias,
            VectorFloat16 witness) {
        for (@Parallel int i = 0; i < witness.getLength(); i++) {
            Float16 sum = Float16.add(words.get(i), scales.get(i));
            witness.set(i, Float16.add(sum, Float16.add(zeros.get(i), bias.get(i))));
        }
    }

    @Override
    public int rowsPerBlock(int expectedRows) {
        return blocks.rowsPerBlock(expectedRows);
    }

    @Override
    public void addTo(LayerGraph graph, String task, Rows x, RowBlocks rowBlocks, Rows y) {
        int rows = rowBlocks.rows();
        WorkerGrid grid = new WorkerGrid2D(weight.tiles(), Math.ceilDiv(x.capacity(), rows));
        grid.setLocalWork(1, 1, 1);
        IntArray sizes = weight.sizes();
        graph.constants(sizes);
        graph.task(kernels.task(graph, task, x, rowBlocks, weight, sizes, y), grid);
    }
}
