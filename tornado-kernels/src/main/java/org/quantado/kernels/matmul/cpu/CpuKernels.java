package org.quantado.kernels.matmul.cpu;

import java.util.List;

import org.quantado.kernels.graph.LayerGraph;
import org.quantado.kernels.graph.Rows;
import org.quantado.kernels.matmul.RowBlocks;
import org.quantado.kernels.matmul.tiled.TileCode;
import org.quantado.kernels.matmul.tiled.TiledMatmul;
import org.quantado.kernels.matmul.tiled.TiledRows;
import org.quantado.kernels.matmul.tiled.TiledWeight;

import uk.ac.manchester.tornado.api.common.TaskPackage;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * The product with a {@link TiledWeight} in vectors of 16 rows: what a compiler for a CPU turns into SIMD instructions.
 *
 * <p>{@link CpuRow} has those for single rows of x, {@link CpuFourRows} and {@link CpuBlocks} those for blocks of rows, {@link CpuHalves} those for
 * 16-bit floats, and {@link CpuLanes} what they do with vectors. How they are written decides whether it does:
 * <ul>
 * <li>Operations on the lanes of a vector are written lane by lane, in loops of constant length that TornadoVM unrolls;
 * OpenCL's compiler puts 16 equal scalar operations together into one instruction.
 * <li>Lanes are taken of words that were loaded in the round before: of a vector that is loaded on the spot the compiler
 * loads the lanes in pairs. This is why there are {@link TiledWeight#AHEAD} words after the last.
 * <li>The place in x is one variable that rounds count up, and constants are added to it: those become part of the
 * instructions that multiply.
 * <li>A loop that carries a vector must not be unrolled by TornadoVM, which would keep its last round only: the lengths
 * of loops come from arrays, and what is to be unrolled is written out.
 * </ul>
 */
final class CpuKernels implements TiledMatmul.Kernels {
    @Override
    public List<TileCode> codes() {
        return List.of(TileCode.INT2, TileCode.INT4, TileCode.INT5, TileCode.INT8, TileCode.SHIFTED10,
                TileCode.BF16_BITS, TileCode.F16_BITS);
    }

    @Override
    public TaskPackage task(LayerGraph graph, String name, Rows x, RowBlocks blocks, TiledWeight weight, IntArray sizes,
            Rows y) {
        String layout = name + "Rows";
        if (blocks.rows() <= 4 && multipliesInPlace(weight.code())) {
            FloatArray placed = PlacedRows.addTo(graph, layout, x, y.shape(), weight, blocks.rows());
            return inPlace(name, blocks.rows(), placed, weight, blocks.weightBlocks(), sizes, y);
        }
        FloatArray tiled = TiledRows.addTo(graph, layout, x, y.shape(), weight, blocks.rows());
        if (weight.code().width() == Short.SIZE) {
            return ofHalves(name, blocks.rows(), tiled, weight, blocks.weightBlocks(), sizes, y);
        }
        return weight.code().piecesPerRun() == TileCode.FOURS
                ? byFours(name, blocks.rows(), tiled, weight, blocks.weightBlocks(), sizes, y)
                : byThrees(name, blocks.rows(), tiled, weight, blocks.weightBlocks(), sizes, y);
    }

    /**
     * Not codes of 8 bits: an offset of 128 would cost accuracy, and reading the weight takes as long as shifting does. Not
     * those of 10 bits, which are to be shifted anyhow.
     */
    private static boolean multipliesInPlace(TileCode code) {
        return code.width() < Byte.SIZE;
    }

    private static TaskPackage inPlace(String name, int rows, FloatArray x, TiledWeight weight, IntArray blocks,
            IntArray sizes, Rows y) {
        TileCode code = weight.code();
        int hasZeros = weight.hasZeros() ? 1 : 0;
        if (code == TileCode.INT5) {
            return rows == 1
                    ? TaskPackage.createPackage(name, CpuRow::oneRowOfFiveBits, x, weight.words(),
                            weight.scales(), weight.zeros(), weight.bias(), y.values(), y.shape(), blocks, sizes,
                            code.signsInside(), weight.runsPerGroup(), hasZeros)
                    : TaskPackage.createPackage(name, CpuFourRows::ofFiveBits, x, weight.words(),
                            weight.scales(), weight.zeros(), weight.bias(), y.values(), y.shape(), blocks, sizes,
                            code.signsInside(), weight.runsPerGroup(), hasZeros);
        }
        return rows == 1
                ? TaskPackage.createPackage(name, CpuRow::oneRowByFours, x, weight.words(),
                        weight.scales(), weight.zeros(), weight.bias(), y.values(), y.shape(), blocks, sizes,
                        code.width(), code.signsInside(), hasZeros)
                : TaskPackage.createPackage(name, CpuFourRows::byFours, x, weight.words(),
                        weight.scales(), weight.zeros(), weight.bias(), y.values(), y.shape(), blocks, sizes,
                        code.width(), code.signsInside(), hasZeros);
    }

    private static TaskPackage byFours(String name, int rows, FloatArray x, TiledWeight weight, IntArray blocks,
            IntArray sizes, Rows y) {
        int width = weight.code().width();
        int hasZeros = weight.hasZeros() ? 1 : 0;
        return switch (rows) {
            case 1 -> TaskPackage.createPackage(name, CpuRow::oneRowOfBytes, x, weight.words(), weight.scales(),
                    weight.zeros(), weight.bias(), y.values(), y.shape(), blocks, sizes, hasZeros);
            case 4 -> TaskPackage.createPackage(name, CpuFourRows::ofBytes, x, weight.words(), weight.scales(),
                    weight.zeros(), weight.bias(), y.values(), y.shape(), blocks, sizes, hasZeros);
            default -> TaskPackage.createPackage(name, CpuBlocks::sixteenRowsByFours, x, weight.words(),
                    weight.scales(), weight.zeros(), weight.bias(), y.values(), y.shape(), blocks, sizes, width,
                    hasZeros);
        };
    }

    private static TaskPackage ofHalves(String name, int rows, FloatArray x, TiledWeight weight, IntArray blocks,
            IntArray sizes, Rows y) {
        int mantissaBits = weight.code() == TileCode.F16_BITS ? 10 : 7;
        float unit = CpuHalves.unit(mantissaBits);
        int hasZeros = weight.hasZeros() ? 1 : 0;
        return switch (rows) {
            case 1 -> TaskPackage.createPackage(name, CpuHalves::oneRow, x, weight.words(), weight.scales(),
                    weight.zeros(), weight.bias(), y.values(), y.shape(), blocks, sizes, mantissaBits, unit,
                    hasZeros);
            case 4 -> TaskPackage.createPackage(name, CpuHalves::fourRows, x, weight.words(), weight.scales(),
                    weight.zeros(), weight.bias(), y.values(), y.shape(), blocks, sizes, mantissaBits, unit,
                    hasZeros);
            default -> TaskPackage.createPackage(name, CpuHalves::sixteenRows, x, weight.words(), weight.scales(),
                    weight.zeros(), weight.bias(), y.values(), y.shape(), blocks, sizes, mantissaBits, unit,
                    hasZeros);
        };
    }

    private static TaskPackage byThrees(String name, int rows, FloatArray x, TiledWeight weight, IntArray blocks,
            IntArray sizes, Rows y) {
        TileCode code = weight.code();
        int hasZeros = weight.hasZeros() ? 1 : 0;
        return switch (rows) {
            case 1 -> TaskPackage.createPackage(name, CpuRow::oneRowOfTenBits, x, weight.words(), weight.scales(),
                    weight.zeros(), weight.bias(), y.values(), y.shape(), blocks, sizes, code.digitBits(),
                    code.amountBits(), hasZeros);
            case 4 -> TaskPackage.createPackage(name, CpuFourRows::ofTenBits, x, weight.words(), weight.scales(),
                    weight.zeros(), weight.bias(), y.values(), y.shape(), blocks, sizes, code.digitBits(),
                    code.amountBits(), hasZeros);
            default -> TaskPackage.createPackage(name, CpuBlocks::sixteenRowsByThrees, x, weight.words(),
                    weight.scales(), weight.zeros(), weight.bias(), y.values(), y.shape(), blocks, sizes,
                    code.width(), code.digitBits(), code.amountBits(), hasZeros);
        };
    }
}
