package org.quantado.schemes.quantize;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.quantado.kernels.codec.Int32Packing;
import org.quantado.schemes.checkpoint.LittleEndian;

/**
 * A weight {@code [N, K]} rounded to a grid.
 *
 * @param rounding the grid
 * @param scales of all blocks, as they are stored
 * @param blocks which weight belongs to which
 * @param codes those of a row {@code [K]}, in a new array or one that is not changed; asked for by many threads
 */
public record RoundedWeight(WeightRounding rounding, BlockScales scales, BlockOfColumn blocks,
        IntFunction<byte[]> codes) {
    /** A row's values, in binary32. */
    public float[] decode(int row) {
        return decode(row, codes.apply(row), rounding.grid());
    }

    /** A row's values, in the type of the weight where its scales have it: what compressed-tensors calculates with. */
    public float[] dequantize(int row) {
        Grid grid = rounding.grid();
        byte[] rowCodes = codes.apply(row);
        float[] values = new float[rowCodes.length];
        for (int k = 0; k < values.length; k++) {
            int block = blocks.block(row, k);
            values[k] = grid.dequantize(rowCodes[k], scales.scale(block), scales.zeroPoint(block));
        }
        return values;
    }

    private float[] decode(int row, byte[] rowCodes, Grid grid) {
        float[] values = new float[rowCodes.length];
        for (int k = 0; k < values.length; k++) {
            int block = blocks.block(row, k);
            values[k] = grid.decode(rowCodes[k], scales.scale(block), scales.zeroPoint(block));
        }
        return values;
    }

    /**
     * The tensors of a checkpoint that hold it, and how far it is from the weight: on all cores, row by row.
     *
     * @param layer full name of the layer, for the error
     * @param group name of the config group, for the error
     * @param weight what was rounded
     * @param arena where the tensors are to be held
     */
    public QuantizedWeight write(String layer, String group, WeightRows weight, Arena arena) {
        Map<String, MemorySegment> tensors = new LinkedHashMap<>();
        int rows = blocks.blocking().matrixRows();
        int columns = blocks.blocking().matrixColumns();
        scheme().tensors(rounding.dtype(), rows, columns).forEach((name, stored) -> tensors.put(name,
                arena.allocate(stored.byteSize(), Long.BYTES)));
        writeScales(tensors.get(WeightScheme.SCALE));
        if (scheme().hasZeroPoints()) {
            writeZeroPoints(tensors.get(WeightScheme.ZERO_POINT));
        }
        if (tensors.containsKey(WeightScheme.SHAPE)) {
            MemorySegment.copy(new long[]{rows, columns}, 0, tensors.get(WeightScheme.SHAPE), LittleEndian.LONG, 0, 2);
        }
        if (rounding.grid() instanceof Grid.Nvfp4 nvfp4) {
            tensors.get(WeightScheme.GLOBAL_SCALE).set(LittleEndian.FLOAT, 0, nvfp4.globalScale());
        }
        blocks.groups().ifPresent(groups -> MemorySegment.copy(groups, 0, tensors.get(WeightScheme.GROUP_INDEX),
                LittleEndian.INT, 0, columns));
        CodeStore store = scheme().codes();
        return new QuantizedWeight(tensors, writeCodes(layer, group, weight, store, tensors.get(store.name())));
    }

    private WeightScheme scheme() {
        return rounding.scheme();
    }

    private void writeScales(MemorySegment stored) {
        ScaleStore store = scheme().scales(rounding.dtype());
        for (int block = 0; block < scales.size(); block++) {
            store.write(scales.scale(block), stored, block);
        }
    }

    private void writeZeroPoints(MemorySegment stored) {
        if (scheme().packsZeroPoints()) {
            int[] packed = new Int32Packing(scheme().weights().numBits(), Int32Packing.Layout.DENSE)
                    .packRows(scales.zeroPoints(), blocks.blocking().bands(), blocks.blocking().bandTiles());
            MemorySegment.copy(packed, 0, stored, LittleEndian.INT, 0, packed.length);
        } else {
            MemorySegment.copy(scales.zeroPoints(), 0, stored, ValueLayout.JAVA_BYTE, 0, scales.size());
        }
    }

    private LayerError writeCodes(String layer, String group, WeightRows weight, CodeStore store,
            MemorySegment stored) {
        Grid grid = rounding.grid();
        int rows = weight.count();
        double[] signal = new double[rows];
        double[] noise = new double[rows];
        float[] maxErrors = new float[rows];
        long rowBytes = stored.byteSize() / rows;
        ErrorHistogram histogram = IntStream.range(0, rows).parallel().collect(ErrorHistogram::new,
                (errors, row) -> {
                    byte[] rowCodes = codes.apply(row);
                    float[] values = weight.read(row);
                    float[] rounded = decode(row, rowCodes, grid);
                    for (int k = 0; k < values.length; k++) {
                        float error = rounded[k] - values[k];
                        signal[row] += (double) values[k] * values[k];
                        noise[row] += (double) error * error;
                        maxErrors[row] = Math.max(maxErrors[row], Math.abs(error));
                        errors.add(error);
                    }
                    store.write(rowCodes, stored.asSlice(row * rowBytes, rowBytes));
                }, ErrorHistogram::add);
        return LayerError.of(layer, group, blocks.blocking().matrixColumns(), signal, noise, maxErrors, histogram);
    }
}
