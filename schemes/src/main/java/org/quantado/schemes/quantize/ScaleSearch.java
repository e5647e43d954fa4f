package org.quantado.schemes.quantize;

import java.util.Arrays;
import java.util.List;
import java.util.function.IntFunction;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Finds the scales of a weight's blocks.
 *
 * @param rows the weight
 * @param grid the values that a block can take
 * @param blocking which weights are a block
 * @param observer how ranges are chosen
 */
public record ScaleSearch(WeightRows rows, Grid grid, Blocking blocking, Observer observer) {

    /** The largest magnitude of a weight. */
    public static float amax(WeightRows rows) {
        return (float) IntStream.range(0, rows.count()).parallel().mapToDouble(row -> {
            float amax = 0;
            for (float value : rows.read(row)) {
                amax = Math.max(amax, Math.abs(value));
            }
            rows.requireFinite(row, amax);
            return amax;
        }).max().orElse(0);
    }

    /** The scales of all blocks, band after band. */
    public BlockScales run() {
        int tiles = blocking.bandTiles();
        BlockScales all = new BlockScales(Math.multiplyExact(blocking.bands(), tiles));
        IntStream.range(0, blocking.bands()).parallel().forEach(band -> {
            BlockScales best = run(band);
            for (int tile = 0; tile < tiles; tile++) {
                all.set(band * tiles + tile, best, tile);
            }
        });
        return all;
    }

    private BlockScales run(int band) {
        Extremes extremes = ofRows(band, this::extremes).reduce(Extremes::and).orElseThrow();
        BlockScales best = candidate(extremes, 0);
        if (observer.candidates() == 1) {
            return best;
        }
        BlockScales previous = candidate(extremes, 0);
        double[] leastErrors = squaredErrors(band, best, tile -> true);
        for (int index = 1; index < observer.candidates(); index++) {
            BlockScales candidate = candidate(extremes, index);
            BlockScales before = previous;
            double[] errors = squaredErrors(band, candidate, tile -> !candidate.sameAs(before, tile));
            for (int tile = 0; tile < errors.length; tile++) {
                if (errors[tile] < leastErrors[tile]) {
                    leastErrors[tile] = errors[tile];
                    best.set(tile, candidate, tile);
                }
            }
            previous = candidate;
        }
        return best;
    }

    private BlockScales candidate(Extremes extremes, int index) {
        float factor = observer.factor(index);
        BlockScales candidate = new BlockScales(extremes.min.length);
        for (int tile = 0; tile < candidate.size(); tile++) {
            float min = extremes.min[tile] * factor;
            float max = extremes.max[tile] * factor;
            candidate.set(tile, grid.scale(min, max), grid.zeroPoint(min, max));
        }
        return candidate;
    }

    private <T> Stream<T> ofRows(int band, IntFunction<T> work) {
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
        float[] values = rows.read(row);
        Extremes extremes = new Extremes(blocking.bandTiles());
        for (int tile = 0; tile < extremes.min.length; tile++) {
            float min = Float.POSITIVE_INFINITY;
            float max = Float.NEGATIVE_INFINITY;
            for (int k = blocking.firstColumn(tile); k < blocking.endColumn(tile); k++) {
                min = Math.min(min, values[k]);
                max = Math.max(max, values[k]);
            }
            rows.requireFinite(row, min);
            rows.requireFinite(row, max);
            extremes.min[tile] = min;
            extremes.max[tile] = max;
        }
        return extremes;
    }

    /** Sums over the tiles that are wanted, infinite for the others; in the order of the rows, whatever the threads. */
    private double[] squaredErrors(int band, BlockScales scales, IntPredicate wanted) {
        int[] tiles = IntStream.range(0, blocking.bandTiles()).filter(wanted).toArray();
        double[] sums = new double[blocking.bandTiles()];
        Arrays.fill(sums, Double.POSITIVE_INFINITY);
        for (int tile : tiles) {
            sums[tile] = 0;
        }
        if (tiles.length > 0) {
            List<double[]> errors = ofRows(band, row -> squaredErrors(row, scales, tiles)).toList();
            for (double[] ofRow : errors) {
                for (int i = 0; i < tiles.length; i++) {
                    sums[tiles[i]] += ofRow[i];
                }
            }
        }
        return sums;
    }

    private double[] squaredErrors(int row, BlockScales scales, int[] tiles) {
        float[] values = rows.read(row);
        double[] errors = new double[tiles.length];
        for (int i = 0; i < tiles.length; i++) {
            float scale = scales.scale(tiles[i]);
            int zeroPoint = scales.zeroPoint(tiles[i]);
            double sum = 0;
            for (int k = blocking.firstColumn(tiles[i]); k < blocking.endColumn(tiles[i]); k++) {
                int code = grid.encode(values[k], scale, zeroPoint);
                double error = grid.decode(code, scale, zeroPoint) - values[k];
                sum += error * error;
            }
            errors[i] = sum;
        }
        return errors;
    }
}
