package org.quantado.schemes.quantize;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.quantado.kernels.codec.Int32Packing;
import org.quantado.schemes.checkpoint.Tensor;

/**
 * Quantizes one weight, first the scales of all blocks, then the codes, on all cores and independent of their number.
 * <p>
 * The weight stays where it is and is read row by row; what is held besides the result are the scales, and a row for
 * each core.
 */
final class WeightQuantizer {
    private final PlannedLayer layer;
    private final Tensor weight;
    private final Grid grid;
    private final Observer observer;
    private final Blocking blocking;
    private final float[] scales;
    private final byte[] zeroPoints;

    /**
     * @param layer what becomes of the weight
     * @param weight {@code [N, K]}
     * @param amax largest magnitude of it and of those it runs as one layer with
     */
    WeightQuantizer(PlannedLayer layer, Tensor weight, float amax, Observer observer) {
        this.layer = layer;
        this.weight = weight;
        this.grid = layer.scheme().grid(layer.dtype(), amax);
        this.observer = observer;
        this.blocking = layer.scheme().blocking(layer.rows(), layer.columns());
        this.scales = new float[Math.multiplyExact(blocking.bands(), blocking.bandTiles())];
        this.zeroPoints = new byte[scales.length];
    }

    /** The largest magnitude of a weight; a {@link org.quantado.schemes.checkpoint.CheckpointException} if not finite. */
    static float amax(Tensor weight) {
        int rows = Math.toIntExact(weight.shape().dimension(0));
        return (float) IntStream.range(0, rows).parallel().mapToDouble(row -> {
            float amax = 0;
            for (float value : read(weight, row)) {
                amax = Math.max(amax, Math.abs(value));
            }
            requireFinite(weight, row, amax);
            return amax;
        }).max().orElse(0);
    }

    /**
     * Quantizes it.
     *
     * @param arena where the result is to be held
     * @throws org.quantado.schemes.checkpoint.CheckpointException if a weight is not finite
     */
    QuantizedWeight quantize(Arena arena) {
        IntStream.range(0, blocking.bands()).parallel().forEach(this::chooseScales);
        Map<String, MemorySegment> tensors = new LinkedHashMap<>();
        layer.scheme().tensors(layer.dtype(), layer.rows(), layer.columns()).forEach((name, stored) -> tensors
                .put(name, arena.allocate(stored.dtype().byteSize(stored.shape().elements()), Long.BYTES)));
        writeScales(tensors);
        CodeStore store = layer.scheme().codes();
        return new QuantizedWeight(tensors, writeCodes(store, tensors.get(store.name())));
    }

    private void chooseScales(int band) {
        int tiles = blocking.bandTiles();
        Extremes extremes = rows(band, this::extremes).reduce(Extremes::and)
                .orElseGet(() -> new Extremes(tiles));
        double[] leastErrors = new double[tiles];
        float[] bandScales = new float[tiles];
        byte[] bandZeroPoints = new byte[tiles];
        for (int candidate = 0; candidate < observer.candidates(); candidate++) {
            float factor = observer.factor(candidate);
            for (int tile = 0; tile < tiles; tile++) {
                float min = extremes.min[tile] * factor;
                float max = extremes.max[tile] * factor;
                bandScales[tile] = grid.scale(min, max);
                bandZeroPoints[tile] = (byte) grid.zeroPoint(min, max);
            }
            double[] errors = observer.candidates() == 1
                    ? new double[tiles]
                    : sum(rows(band, row -> squaredErrors(row, bandScales, bandZeroPoints)).toList());
            for (int tile = 0; tile < tiles; tile++) {
                if (candidate == 0 || errors[tile] < leastErrors[tile]) {
                    leastErrors[tile] = errors[tile];
                    scales[band * tiles + tile] = bandScales[tile];
                    zeroPoints[band * tiles + tile] = bandZeroPoints[tile];
                }
            }
        }
    }

    private <T> Stream<T> rows(int band, IntFunction<T> work) {
        return IntStream.range(blocking.firstRow(band), blocking.endRow(band)).parallel().mapToObj(work);
    }

    /** The smallest and the largest value of each tile of a row or a band. */
    private static final class Extremes {
        private final float[] min;
        private final float[] max;

        Extremes(int tiles) {
            min = new float[tiles];
            max = new float[tiles];
        }

        Extremes and(Extremes other) {
            Extremes both = new Extremes(min.length);
            for (int tile = 0; tile < min.length; tile++) {
                both.min[tile] = Math.min(min[tile], other.min[tile]);
                both.max[tile] = Math.max(max[tile], other.max[tile]);
            }
            return both;
        }
    }

    private Extremes extremes(int row) {
        float[] values = read(weight, row);
        Extremes extremes = new Extremes(blocking.bandTiles());
        for (int tile = 0; tile < extremes.min.length; tile++) {
            float min = Float.POSITIVE_INFINITY;
            float max = Float.NEGATIVE_INFINITY;
            for (int k = blocking.firstColumn(tile); k < blocking.endColumn(tile); k++) {
                min = Math.min(min, values[k]);
                max = Math.max(max, values[k]);
            }
            requireFinite(weight, row, min);
            requireFinite(weight, row, max);
            extremes.min[tile] = min;
            extremes.max[tile] = max;
        }
        return extremes;
    }

    private double[] squaredErrors(int row, float[] bandScales, byte[] bandZeroPoints) {
        float[] values = read(weight, row);
        double[] errors = new double[bandScales.length];
        for (int tile = 0; tile < errors.length; tile++) {
            float scale = bandScales[tile];
            int zeroPoint = bandZeroPoints[tile];
            double sum = 0;
            for (int k = blocking.firstColumn(tile); k < blocking.endColumn(tile); k++) {
                int code = grid.encode(values[k], scale, zeroPoint);
                double error = grid.decode(code, scale, zeroPoint) - values[k];
                sum += error * error;
            }
            errors[tile] = sum;
        }
        return errors;
    }

    /** Sums in the order of the rows, so that the result does not depend on the threads. */
    private static double[] sum(List<double[]> rows) {
        double[] sum = rows.getFirst();
        for (double[] row : rows.subList(1, rows.size())) {
            for (int tile = 0; tile < sum.length; tile++) {
                sum[tile] += row[tile];
            }
        }
        return sum;
    }

    private void writeScales(Map<String, MemorySegment> tensors) {
        ScaleStore store = layer.scheme().scales(layer.dtype());
        MemorySegment stored = tensors.get(WeightScheme.SCALE);
        for (int block = 0; block < scales.length; block++) {
            if (!Float.isFinite(scales[block])) {
                throw weight.error(
                        "weights too large for a scale, in row " + block / blocking.bandTiles() * blocking.rows(),
                        "weights that can be scaled");
            }
            store.write(scales[block], stored, block);
        }
        if (layer.scheme().hasZeroPoints()) {
            writeZeroPoints(tensors.get(WeightScheme.ZERO_POINT));
        }
        if (tensors.containsKey(WeightScheme.SHAPE)) {
            MemorySegment.copy(new long[]{layer.rows(), layer.columns()}, 0, tensors.get(WeightScheme.SHAPE),
                    LittleEndian.LONG, 0, 2);
        }
        if (grid instanceof Grid.Nvfp4 nvfp4) {
            tensors.get(WeightScheme.GLOBAL_SCALE).set(LittleEndian.FLOAT, 0, nvfp4.globalScale());
        }
    }

    private void writeZeroPoints(MemorySegment stored) {
        if (!layer.scheme().packsZeroPoints()) {
            MemorySegment.copy(zeroPoints, 0, stored, ValueLayout.JAVA_BYTE, 0, zeroPoints.length);
            return;
        }
        int[] packed = new Int32Packing(layer.scheme().weights().numBits(), Int32Packing.Layout.DENSE)
                .packRows(zeroPoints, blocking.bands(), blocking.bandTiles());
        MemorySegment.copy(packed, 0, stored, LittleEndian.INT, 0, packed.length);
    }

    private LayerError writeCodes(CodeStore store, MemorySegment stored) {
        int rows = layer.rows();
        double[] signal = new double[rows];
        double[] noise = new double[rows];
        float[] maxErrors = new float[rows];
        long rowBytes = stored.byteSize() / rows;
        ErrorHistogram histogram = IntStream.range(0, rows).parallel().collect(ErrorHistogram::new,
                (errors, row) -> {
                    float[] values = read(weight, row);
                    byte[] codes = new byte[values.length];
                    for (int tile = 0; tile < blocking.bandTiles(); tile++) {
                        int block = row / blocking.rows() * blocking.bandTiles() + tile;
                        float scale = scales[block];
                        int zeroPoint = zeroPoints[block];
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

    private static float[] read(Tensor weight, int row) {
        return weight.rows(row, row + 1).toFloats();
    }

    private static void requireFinite(Tensor weight, int row, float value) {
        if (!Float.isFinite(value)) {
            throw weight.error("values that are not finite in row " + row, "finite weights");
        }
    }
}
