package org.quantado.bench.workloads;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;

import org.quantado.bench.Bench;
import org.quantado.bench.Meter;
import org.quantado.bench.Op;
import org.quantado.bench.Subject;
import org.quantado.bench.Work;
import org.quantado.bench.Workload;
import org.quantado.kernels.matmul.LinearPlan;
import org.quantado.kernels.matmul.LinearWeight;
import org.quantado.kernels.matmul.QuantizedMatrix;

import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/**
 * Products of batches with one weight.
 *
 * @param format of the weight
 * @param shape of the weight
 * @param batches numbers of rows of x
 */
public record MatmulBench(WeightFormat format, WeightShape shape, List<Integer> batches) implements Bench {
    /** From one token to a prompt. */
    public static final List<Integer> BATCHES = List.of(1, 4, 16, 64, 512);

    /** Bound of the error of a product that accumulates in float, relative to the sum of the terms' magnitudes. */
    private static final double FLOAT_SUM_TOLERANCE = 1e-5;

    private static final int CHECKED_ELEMENTS = 64;
    private static final long SEED = 5;

    @Override
    public void run(Meter meter) {
        QuantizedMatrix weight = format.random(shape.outputs(), shape.inputs(), SEED);
        try (LinearPlan plan = new LinearPlan(new LinearWeight(weight, new FloatArray(shape.outputs())),
                Optional.empty(), Optional.empty())) {
            batches.forEach(batch -> meter.measure(product(plan, weight, batch)));
        }
    }

    private Workload product(LinearPlan plan, QuantizedMatrix weight, int batch) {
        FloatArray x = RandomFloats.centered(Math.multiplyExact(batch, shape.inputs()), SEED);
        FloatArray y = new FloatArray(Math.multiplyExact(batch, shape.outputs()));
        Map<String, Integer> sizes = new LinkedHashMap<>();
        sizes.put("n", shape.outputs());
        sizes.put("k", shape.inputs());
        Work work = new Work(format.checkpointBytes(shape.outputs(), shape.inputs()),
                2.0 * batch * shape.outputs() * shape.inputs(), x.getNumBytesOfSegment() + y.getNumBytesOfSegment());
        return new Workload(new Subject(batch == 1 ? Op.GEMV : Op.GEMM, format.name().toLowerCase(Locale.ROOT), sizes,
                batch), work, () -> plan.apply(x, batch, y), plan, () -> error(weight, x, batch, y),
                FLOAT_SUM_TOLERANCE);
    }

    /** The largest error of some elements, relative to the sum of their terms' magnitudes. */
    private static double error(QuantizedMatrix weight, FloatArray x, int batch, FloatArray y) {
        SplittableRandom random = new SplittableRandom(SEED);
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
            largest = Math.max(largest, Math.abs(sum - y.get(m * weight.outputs() + n)) / magnitude);
        }
        return largest;
    }
}
