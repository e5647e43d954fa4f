package org.quantado.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;

import org.quantado.kernels.graph.BatchPlan;
import org.quantado.kernels.matmul.FlavourChoice;
import org.quantado.kernels.matmul.LinearPlan;
import org.quantado.kernels.matmul.LinearWeight;
import org.quantado.kernels.matmul.QuantizedMatrix;

import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/** Measures products of batches with one weight, after having checked them. */
final class MatmulBench {
    /** Bound of the error of a product that accumulates in float, relative to the sum of the terms' magnitudes. */
    private static final double FLOAT_SUM_TOLERANCE = 1e-5;

    private static final int CHECKED_ELEMENTS = 64;
    private static final long SEED = 5;

    private final WeightFormat format;
    private final QuantizedMatrix weight;
    private final DevicePeaks peaks;
    private final Stopwatch stopwatch;
    private final SplittableRandom random = new SplittableRandom(SEED);

    MatmulBench(WeightFormat format, int outputs, int inputs, DevicePeaks peaks, Stopwatch stopwatch) {
        this.format = format;
        this.weight = format.random(outputs, inputs, SEED);
        this.peaks = peaks;
        this.stopwatch = stopwatch;
    }

    /**
     * Measures each batch size.
     *
     * @throws IllegalStateException if a result is wrong
     */
    List<MatmulResult> run(FlavourChoice flavour, List<Integer> batches) {
        List<MatmulResult> results = new ArrayList<>();
        try (LinearPlan plan = new LinearPlan(new LinearWeight(weight, new FloatArray(weight.outputs())), flavour,
                Optional.empty(), Optional.empty())) {
            plan.profile();
            for (int batch : batches) {
                results.add(run(plan, batch));
            }
        }
        return results;
    }

    private MatmulResult run(LinearPlan plan, int batch) {
        int outputs = weight.outputs();
        int inputs = weight.inputs();
        FloatArray x = new FloatArray(Math.multiplyExact(batch, inputs));
        for (int i = 0; i < x.getSize(); i++) {
            x.set(i, (float) (random.nextDouble() - 0.5));
        }
        FloatArray y = new FloatArray(Math.multiplyExact(batch, outputs));
        plan.apply(x, batch, y);
        double error = error(x, batch, y);
        if (!(error <= FLOAT_SUM_TOLERANCE)) {
            throw new IllegalStateException(format + " [" + outputs + ", " + inputs + "], batch " + batch
                    + ": wrong by " + error + " of the terms, expected at most " + FLOAT_SUM_TOLERANCE);
        }
        List<Times> wall = new ArrayList<>();
        Times kernels = stopwatch.measure(() -> {
            plan.apply(x, batch, y);
            return plan.lastTimes().kernelNanos();
        }, wall);
        Times whole = wall.getFirst();
        double seconds = whole.best() * 1e-9;
        double bytes = format.checkpointBytes(outputs, inputs) / seconds;
        double flop = 2.0 * batch * outputs * inputs / seconds;
        int slices = Math.ceilDiv(batch, BatchPlan.MAX_ROWS);
        long copied = plan.lastTimes().bytesIn() + plan.lastTimes().bytesOut();
        long needed = (long) Math.min(batch, BatchPlan.MAX_ROWS) * (inputs + outputs) * Float.BYTES;
        return new MatmulResult(format, outputs, inputs, batch, kernels, whole, bytes, flop,
                bytes / peaks.readBytesPerSecond(), flop / peaks.flopPerSecond(),
                (whole.best() - (double) slices * kernels.best()) * 1e-3, copied - needed, error);
    }

    /** The largest error of some elements, relative to the sum of their terms' magnitudes. */
    private double error(FloatArray x, int batch, FloatArray y) {
        double largest = 0;
        for (int i = 0; i < CHECKED_ELEMENTS; i++) {
            int m = random.nextInt(batch);
            int n = random.nextInt(weight.outputs());
            double sum = 0;
            double magnitude = 0;
            for (int k = 0; k < weight.inputs(); k++) {
                double term = x.get(m * weight.inputs() + k) * weight.value(n, k);
                sum += term;
                magnitude += Math.abs(term);
            }
            double error = Math.abs(sum - y.get(m * weight.outputs() + n)) / magnitude;
            largest = Double.isNaN(error) ? Double.POSITIVE_INFINITY : Math.max(largest, error);
        }
        return largest;
    }
}
