package org.quantado.schemes.quantize;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.IntStream;
import org.quantado.kernels.codec.Int32Packing;
import org.quantado.schemes.checkpoint.LittleEndian;
import org.quantado.schemes.checkpoint.Tensor;

/**
 * Quantizes one weight, first the scales of all blocks, then the codes, on all cores and independent of their number.
 * <p>
 * The weight stays where it is and is read row by row; what is held besides the result are the scales, and a row for
 * each core.
 */
final class WeightQuantizer {
    private final PlannedLayer layer;
    private final WeightRows weight;
    private final Grid grid;
    private final Observer observer;
    private final Blocking blocking;

    /**
     * @param layer what becomes of the weight
     * @param weight {@code [N, K]}
     * @param amax largest magnitude of it and of those it runs as one layer with
     */
    WeightQuantizer(PlannedLayer layer, Tensor weight, float amax, Observer observer) {
        this.layer = layer;
        this.weight = new WeightRows(weight);
        this.grid = layer.scheme().grid(layer.dtype(), amax);
        this.observer = observer;
        this.blocking = layer.scheme().blocking(layer.rows(), layer.columns());
    }

    /**
     * Quantizes it.
     *
     * @param arena where the result is to be held
     * @throws org.quantado.schemes.checkpoint.CheckpointException if a weight is not finite
     */
    QuantizedWeight quantize(Arena arena) {
        Map<String, MemorySegment> tensors = new LinkedHashMap<>();
        layer.scheme().tensors(layer.dtype(), layer.rows(), layer.columns()).forEach((name, stored) -> tensors
                .put(name, arena.allocate(stored.byteSize(), Long.BYTES)));
        BlockScales scales = new ScaleSearch(weight, grid, blocking, observer).run();
        writeScales(scales, tensors.get(WeightScheme.SCALE));
        if (layer.scheme().hasZeroPoints()) {
            writeZeroPoints(scales, tensors.get(WeightScheme.ZERO_POINT));
        }
        if (tensors.containsKey(WeightScheme.SHAPE)) {
            MemorySegment.copy(new long[]{layer.rows(), layer.columns()}, 0, tensors.get(WeightScheme.SHAPE),
                    LittleEndian.LONG, 0, 2);
        }
        if (grid instanceof Grid.Nvfp4 nvfp4) {
            tensors.get(WeightScheme.GLOBAL_SCALE).set(LittleEndian.FLOAT, 0, nvfp4.globalScale());
        }
        CodeStore codes = layer.scheme().codes();
        return new QuantizedWeight(tensors, writeCodes(scales, codes, tensors.get(codes.name())));
    }

    private void writeScales(BlockScales scales, MemorySegment stored) {
        ScaleStore store = layer.scheme().scales(layer.dtype());
        for (int block = 0; block < scales.size(); block++) {
            if (!Float.isFinite(scales.scale(block))) {
                throw weight.tensor().error("weights that are too large for a scale, from row "
                        + blocking.firstRow(block / blocking.bandTiles()) + " on", "weights that can be scaled");
            }
            store.write(scales.scale(block), stored, block);
        }
    }

    private void writeZeroPoints(BlockScales scales, MemorySegment stored) {
        if (layer.scheme().packsZeroPoints()) {
            int[] packed = new Int32Packing(layer.scheme().weights().numBits(), Int32Packing.Layout.DENSE)
                    .packRows(scales.zeroPoints(), blocking.bands(), blocking.bandTiles());
            MemorySegment.copy(packed, 0, stored, LittleEndian.INT, 0, packed.length);
        } else {
            MemorySegment.copy(scales.zeroPoints(), 0, stored, ValueLayout.JAVA_BYTE, 0, scales.size());
        }
    }

    private LayerError writeCodes(BlockScales scales, CodeStore store, MemorySegment stored) {
        int rows = layer.rows();
        double[] signal = new double[rows];
        double[] noise = new double[rows];
        float[] maxErrors = new float[rows];
        long rowBytes = stored.byteSize() / rows;
        ErrorHistogram histogram = IntStream.range(0, rows).parallel().collect(ErrorHistogram::new,
                (errors, row) -> {
                    float[] values = weight.read(row);
                    byte[] codes = new byte[values.length];
                    for (int tile = 0; tile < blocking.bandTiles(); tile++) {
                        int block = row / blocking.rows() * blocking.bandTiles() + tile;
                        float scale = scales.scale(block);
                        int zeroPoint = scales.zeroPoint(block);
                        for (int k = blocking.firstColumn(tile); k < blocking.endColumn(tile); k++) {
                            int code = grid.encode(values[k], scale, zeroPoint);
                            float error = grid.decode(code, scale, zeroPoint) - values[k];
                            codes[k] = (byte) code;
                            signal[row] += (double) values[k] * values[k];
                            noise[row] += (double) error * error;
                            maxErrors[row] = Math.max(maxErrors[row], Math.abs(error));
                            errors.add(error);
                        }
                    }
                    store.write(codes, stored.asSlice(row * rowBytes, rowBytes));
                }, ErrorHistogram::add);
        return LayerError.of(layer.name(), layer.group().name(), layer.columns(), signal, noise, maxErrors,
                histogram);
    }
}
