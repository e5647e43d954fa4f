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
        FloatArray tiled = TiledRows.addTo(graph, name + "Rows", x, y.shape(), weight, blocks.rows());
        TileCode code = weight.code();
        return TaskPackage.createPackage(name, HostKernels::multiply, tiled, weight.words(), weight.scales(),
                weight.zeros(), weight.bias(), y.values(), y.shape(), blocks.weightBlocks(), sizes, blocks.rows(),
                code.width(), HostTile.encoding(code), weight.hasZeros() ? 1 : 0);
    }

    /**
     * {@code y[m,n] = bias[n] + sum_g scale[n,g] * sum_k x[m,k] * (value[n,k] - zero[n,g])}. The tiles pass a block of x,
     * which stays in the cache.
     *
     * @param x {@code [ceil(M / rows), K', rows]} as {@link TiledRows} lays it out
     * @param y {@code [M, N]}
     * @param shape M and N
     * @param blocks for each block of rows, the block of the weight
     * @param sizes {@link TiledWeight#sizes}
     */
    static void multiply(FloatArray x, VectorInt16 words, VectorFloat16 scales, VectorFloat16 zeros,
            VectorFloat16 bias, FloatArray y, IntArray shape, IntArray blocks, IntArray sizes, int rows,
            int width, int encoding, int hasZeros) {
        for (@Parallel int b = 0; b < (shape.get(0) + rows - 1) / rows; b++) {
            HostBlock block = HostBlock.ofThread(x.getSegment(), b, rows, sizes.get(3));
            HostTile tile = new HostTile(words.getSegment(), scales.getSegment(), zeros.getSegment(),
                    bias.getSegment(), y.getSegment(), shape.get(0), shape.get(1), sizes, width, encoding,
                    hasZeros == 1);
            for (@Parallel int t = 0; t < (shape.get(1) + TiledWeight.ROWS - 1) / TiledWeight.ROWS; t++) {
                int tiles = (shape.get(1) + TiledWeight.ROWS - 1) / TiledWeight.ROWS;
                block.multiply(tile.at(t, blocks.get(b) * tiles + t));
            }
        }
    }
}
