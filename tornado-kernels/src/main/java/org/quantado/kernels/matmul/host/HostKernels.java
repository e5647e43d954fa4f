package org.quantado.kernels.matmul.host;

import java.util.List;

import org.quantado.kernels.graph.LayerGraph;
import org.quantado.kernels.graph.Rows;
import org.quantado.kernels.matmul.RowBlocks;
import org.quantado.kernels.matmul.tiled.TileCode;
import org.quantado.kernels.matmul.tiled.TiledMatmul;
import org.quantado.kernels.matmul.tiled.TiledRows;
import org.quantado.kernels.matmul.tiled.TiledWeight;

import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.common.TaskPackage;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.collections.VectorFloat16;
import uk.ac.manchester.tornado.api.types.collections.VectorInt16;

/**
 * The product with a {@link TiledWeight} in the JVM's own vectors, for an engine that runs kernels as the Java that they
 * are. Needs the module jdk.incubator.vector.
 *
 * <p>{@link HostRow} has single rows of x, {@link HostBlock} blocks of them.
 *
 * <p>The JVM's compiler keeps vectors in registers only where it puts all code into one method. It has room for little
 * more than the vector operations themselves: they are written out where they are needed, without methods between
 * them, and a loop has one kind of code.
 */
final class HostKernels implements TiledMatmul.Kernels {
    @Override
    public List<TileCode> codes() {
        return HostVectors.HAS_TABLES
                ? List.of(TileCode.INT2, TileCode.INT4, TileCode.E2M1_CODE, TileCode.INT8, TileCode.E4M3_CODE,
                        TileCode.BF16_BITS, TileCode.F16_BITS)
                : List.of(TileCode.INT2, TileCode.INT4, TileCode.INT8, TileCode.E4M3_CODE, TileCode.BF16_BITS,
                        TileCode.F16_BITS);
    }

    @Override
    public TaskPackage task(LayerGraph graph, String name, Rows x, RowBlocks blocks, TiledWeight weight, IntArray sizes,
            Rows y) {
        int hasRuns = blocks.runs().isPresent() ? 1 : 0;
        int rowsOfTile = isTiled(blocks.rows(), hasRuns) ? blocks.rows() : 1;
        FloatArray laidOut = TiledRows.addTo(graph, name + "Rows", x, y.shape(), weight, rowsOfTile);
        TileCode code = weight.code();
        return TaskPackage.createPackage(name, HostKernels::multiply, laidOut, weight.words(), weight.scales(),
                weight.zeros(), weight.bias(), y.values(), y.shape(), blocks.weightBlocks(),
                blocks.runs().orElse(blocks.weightBlocks()), sizes, blocks.rows(), hasRuns, code.width(),
                HostTile.encoding(code), weight.hasZeros() ? 1 : 0);
    }

    /** Whether rows of x lie beside each other: not where there may be few of them. */
    private static boolean isTiled(int rows, int hasRuns) {
        return rows == HostBlock.MOST_ROWS && hasRuns == 0;
    }

    /**
     * {@code y[m,n] = bias[n] + sum_g scale[n,g] * sum_k x[m,k] * (value[n,k] - zero[n,g])}. The tiles pass a block of x,
     * which stays in the cache.
     *
     * @param x {@code [M, K']}, or {@code [ceil(M / 16), K', 16]} if {@link #isTiled}
     * @param y {@code [M, N]}
     * @param shape M and N
     * @param blocks for each block of rows, the block of the weight
     * @param runs {@link RowBlocks#runs}, if {@code hasRuns} is 1; else not read
     * @param sizes {@link TiledWeight#sizes}
     */
    static void multiply(FloatArray x, VectorInt16 words, VectorFloat16 scales, VectorFloat16 zeros,
            VectorFloat16 bias, FloatArray y, IntArray shape, IntArray blocks, IntArray runs, IntArray sizes,
            int rows, int hasRuns, int width, int encoding, int hasZeros) {
        for (@Parallel int b = 0; b < (shape.get(0) + rows - 1) / rows; b++) {
            int end = hasRuns == 1 ? endOfRun(runs, blocks.get(b)) : shape.get(0);
            HostBlock block = isTiled(rows, hasRuns)
                    ? HostBlock.ofTile(x.getSegment(), b, sizes.get(3))
                    : HostBlock.ofRows(x.getSegment(), b, rows, Math.min(rows, end - b * rows), sizes.get(3));
            HostTile tile = new HostTile(words.getSegment(), scales.getSegment(), zeros.getSegment(),
                    bias.getSegment(), y.getSegment(), shape.get(0), shape.get(1), sizes, width, encoding,
                    hasZeros == 1);
            for (@Parallel int t = 0; t < (shape.get(1) + TiledWeight.ROWS - 1) / TiledWeight.ROWS; t++) {
                int tiles = (shape.get(1) + TiledWeight.ROWS - 1) / TiledWeight.ROWS;
                block.multiply(tile.at(t, blocks.get(b) * tiles + t));
            }
        }
    }

    /** Where the rows end that meet a block of the weight; blocks of other layers have the same ones. */
    private static int endOfRun(IntArray runs, int weightBlock) {
        int weights = runs.getSize() / 3;
        int block = weightBlock % weights;
        return runs.get(block) + runs.get(weights + 1 + block);
    }
}
