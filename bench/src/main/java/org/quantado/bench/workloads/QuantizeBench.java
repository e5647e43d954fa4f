package org.quantado.bench.workloads;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;

import org.quantado.bench.Bench;
import org.quantado.bench.Meter;
import org.quantado.bench.Op;
import org.quantado.bench.Subject;
import org.quantado.bench.Work;
import org.quantado.bench.Workload;
import org.quantado.kernels.quantize.QuantizePlan;

import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/**
 * Quantizing a matrix of floats, as weights and activations are at run time.
 *
 * @param format to quantize to
 * @param rows of the matrix
 * @param inputs columns of the matrix
 */
public record QuantizeBench(QuantizedFormat format, int rows, int inputs) implements Bench {
    /** The activations of a prompt, and a weight. */
    public static final List<WeightShape> SHAPES = List.of(new WeightShape(512, 4096), new WeightShape(4096, 14336));

    /** Floats that go to the device at a time: as many as when weights are quantized while they are loaded. */
    private static final int SLICE_ELEMENTS = 1 << 22;

    private static final int CHECKED_ROWS = 8;
    /** A value is looked at for the scale, and scaled. */
    private static final double FLOP_PER_VALUE = 2;
    private static final long SEED = 6;

    @Override
    public void run(Meter meter) {
        FloatArray x = RandomFloats.centered(Math.multiplyExact(rows, inputs), SEED);
        int capacity = Math.clamp(SLICE_ELEMENTS / inputs, 1, rows);
        try (QuantizePlan plan = new QuantizePlan(format.quantizer(), format.codeBits(), capacity, inputs)) {
            long out = rows * format.bytes(inputs);
            Work work = new Work(x.getNumBytesOfSegment() + out, FLOP_PER_VALUE * rows * inputs,
                    x.getNumBytesOfSegment() + out);
            meter.measure(new Workload(
                    new Subject(Op.QUANTIZE, format.name().toLowerCase(Locale.ROOT), Map.of("k", inputs), rows),
                    work, () -> quantize(plan, x), plan, () -> error(plan, x), 0));
        }
    }

    private void quantize(QuantizePlan plan, FloatArray x) {
        int capacity = plan.rows().capacity();
        for (int from = 0; from < rows; from += capacity) {
            int count = Math.min(capacity, rows - from);
            plan.rows().copyFrom(x, from, count);
            plan.execute(count);
        }
    }

    /** The share of the codes and scales of some of the last rows that are not those of the reference. */
    private double error(QuantizePlan plan, FloatArray x) {
        int count = plan.rows().shape().get(0);
        int[] codes = plan.codes();
        FloatArray scales = plan.quantized().scales();
        SplittableRandom random = new SplittableRandom(SEED);
        long wrong = 0;
        long looked = 0;
        for (int i = 0; i < CHECKED_ROWS; i++) {
            int row = random.nextInt(count);
            QuantizedFormat.Row expected = format.reference(row(x, rows - count + row));
            for (int k = 0; k < inputs; k++) {
                wrong += (byte) codes[row * inputs + k] == expected.codes()[k] ? 0 : 1;
            }
            int groups = expected.scales().length;
            for (int g = 0; g < groups; g++) {
                wrong += scales.get(row * groups + g) == expected.scales()[g] ? 0 : 1;
            }
            looked += inputs + groups;
        }
        return wrong / (double) looked;
    }

    private float[] row(FloatArray x, int row) {
        float[] values = new float[inputs];
        for (int k = 0; k < inputs; k++) {
            values[k] = x.get(row * inputs + k);
        }
        return values;
    }
}
