package org.quantado.cli;

import java.util.Arrays;
import java.util.Optional;
import java.util.stream.IntStream;

import org.quantado.schemes.checkpoint.Tensor;
import org.quantado.schemes.linear.Activations;
import org.quantado.schemes.linear.QuantizedLinear;
import org.quantado.schemes.linear.TensorParallel;
import org.quantado.schemes.model.Model;
import org.quantado.schemes.select.CheckpointLayer;

import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/** Runs a layer of the demo in quantized forms, and compares it with float64 products. */
final class DemoRun {
    /** Tokens that a layer is given at once. */
    static final int ROWS = 8;

    /** Error of a sum in float relative to the sum of its terms' magnitudes. */
    private static final double FLOAT_SUM_TOLERANCE = 1e-5;
    private static final int TIMED_RUNS = 3;

    private final Model model;
    private final DemoCheckpoint.Layer layer;
    private final float[] x;
    private final double[] exact;

    DemoRun(Model model, DemoCheckpoint.Layer layer) {
        this.model = model;
        this.layer = layer;
        this.x = DemoCheckpoint.activations(layer, ROWS);
        this.exact = new double[ROWS * layer.outputs()];
        int first = 0;
        for (CheckpointLayer module : model.layer(layer.name()).modules()) {
            Tensor weight = model.checkpoint().tensor(module.name() + ".weight");
            int offset = first;
            int outputs = Math.toIntExact(weight.shape().dimension(0));
            IntStream.range(0, outputs).parallel().forEach(n -> {
                double[] row = row(weight, n);
                for (int m = 0; m < ROWS; m++) {
                    exact[m * layer.outputs() + offset + n] = product(m, row);
                }
            });
            first += outputs;
        }
    }

    private double[] row(Tensor weight, int n) {
        return IntStream.range(0, layer.inputs()).mapToDouble(k -> weight.floatAt(n * (long) layer.inputs() + k))
                .toArray();
    }

    /** Loads the layer in a form and runs it. */
    DemoResult run(DemoForm form) {
        long start = System.nanoTime();
        try (QuantizedLinear linear = model.layer(layer.name()).load(TensorParallel.WHOLE, form.activations(),
                Optional.of(form.format()))) {
            double prepareMillis = Millis.between(start, System.nanoTime());
            FloatArray input = FloatArray.fromArray(x);
            float[] y = linear.apply(input).toHeapArray();
            return new DemoResult(form.label(), layer.name(), layer.outputs(), layer.inputs(),
                    model.layer(layer.name()).bytes(), linear.weight().matrix().bytes(), sqnr(y), form.leastSqnr(),
                    worstError(y), form.activations() == Activations.OFF ? kernelError(linear, y) : null,
                    prepareMillis, medianMillis(linear, input));
        }
    }

    private static double medianMillis(QuantizedLinear linear, FloatArray input) {
        double[] millis = new double[TIMED_RUNS];
        for (int i = 0; i < TIMED_RUNS; i++) {
            long start = System.nanoTime();
            linear.apply(input);
            millis[i] = Millis.between(start, System.nanoTime());
        }
        Arrays.sort(millis);
        return millis[TIMED_RUNS / 2];
    }

    private double sqnr(float[] y) {
        double signal = 0;
        double noise = 0;
        for (int i = 0; i < y.length; i++) {
            signal += exact[i] * exact[i];
            noise += (y[i] - exact[i]) * (y[i] - exact[i]);
        }
        return 10 * Math.log10(signal / noise);
    }

    private double worstError(float[] y) {
        double largest = Arrays.stream(exact).map(Math::abs).max().orElseThrow();
        return IntStream.range(0, y.length).mapToDouble(i -> Math.abs(y[i] - exact[i])).max().orElseThrow() / largest;
    }

    /** Compares with the float64 product of the weights that the codes and scales stand for. */
    private double kernelError(QuantizedLinear linear, float[] y) {
        double[] worst = new double[layer.outputs()];
        IntStream.range(0, layer.outputs()).parallel().forEach(n -> {
            double[] row = linear.weight().row(n);
            for (int m = 0; m < ROWS; m++) {
                double error = Math.abs(y[m * layer.outputs() + n] - product(m, row));
                worst[n] = Math.max(worst[n], error / (FLOAT_SUM_TOLERANCE * magnitude(m, row)));
            }
        });
        return Arrays.stream(worst).max().orElseThrow();
    }

    private double product(int m, double[] row) {
        double sum = 0;
        for (int k = 0; k < row.length; k++) {
            sum += x[m * row.length + k] * row[k];
        }
        return sum;
    }

    private double magnitude(int m, double[] row) {
        double sum = 0;
        for (int k = 0; k < row.length; k++) {
            sum += Math.abs(x[m * row.length + k] * row[k]);
        }
        return sum;
    }
}
