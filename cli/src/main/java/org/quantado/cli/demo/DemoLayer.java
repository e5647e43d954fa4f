package org.quantado.cli.demo;

import java.util.Arrays;
import java.util.Optional;
import java.util.function.IntFunction;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;

import org.quantado.cli.report.Millis;
import org.quantado.kernels.matmul.LinearWeight;
import org.quantado.schemes.checkpoint.Checkpoint;
import org.quantado.schemes.checkpoint.Tensor;
import org.quantado.schemes.config.QuantizationArgs;
import org.quantado.schemes.config.QuantizationType;
import org.quantado.schemes.linear.Activations;
import org.quantado.schemes.linear.QuantizedLinear;
import org.quantado.schemes.linear.TensorParallel;
import org.quantado.schemes.model.Model;
import org.quantado.schemes.model.ModelLayer;
import org.quantado.schemes.select.Selection.Selected;

import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/** A layer of the demo as it is before quantization, with an input and the exact result, to compare forms of it with. */
final class DemoLayer {
    /** Error of a sum in float relative to the sum of its terms' magnitudes. */
    private static final double FLOAT_SUM_TOLERANCE = 1e-5;
    private static final int TIMED_RUNS = 3;

    private final DemoCheckpoint.Layer layer;
    private final int rows;
    private final float[] x;
    private final float[][] weight;
    private final double[] exact;

    /**
     * @param checkpoint the unquantized one
     * @param inputs {@code <module>.x} for each of its modules
     */
    DemoLayer(DemoCheckpoint.Layer layer, Checkpoint checkpoint, Checkpoint inputs) {
        this.layer = layer;
        this.x = inputs.tensor(layer.parts().getFirst().name() + ".x").toFloats();
        this.rows = x.length / layer.inputs();
        this.weight = layer.parts().stream().map(part -> checkpoint.tensor(part.name() + ".weight"))
                .flatMap(tensor -> IntStream.range(0, Math.toIntExact(tensor.shape().dimension(0)))
                        .mapToObj(n -> tensor.rows(n, n + 1)))
                .map(Tensor::toFloats).toArray(float[][]::new);
        this.exact = products(n -> IntStream.range(0, layer.inputs()).mapToDouble(k -> weight[n][k]).toArray());
    }

    /**
     * Loads the layer in a form and runs it.
     *
     * @throws org.quantado.schemes.linear.SchemeException if no kernel runs it
     */
    DemoResult run(DemoForm form, Model model) {
        ModelLayer formed = model.layer(layer.name());
        long start = System.nanoTime();
        try (QuantizedLinear linear = formed.load(TensorParallel.WHOLE, Activations.CONFIG, form.online())) {
            double prepareMillis = Millis.between(start, System.nanoTime());
            FloatArray input = FloatArray.fromArray(x);
            float[] y = linear.apply(input).toHeapArray();
            LinearWeight quantized = linear.weight();
            double[] dequantized = products(quantized::row);
            Optional<QuantizationArgs> args = formed.selection() instanceof Selected selected
                    ? selected.input()
                    : Optional.empty();
            boolean quantizesInput = form.online().isPresent() || args.isPresent();
            boolean narrowIntegers = args.filter(some -> some.type() == QuantizationType.INT)
                    .filter(some -> some.numBits() < Byte.SIZE).isPresent();
            return new DemoResult(form.name(), layer.name(), layer.outputs(), layer.inputs(), formed.bytes(),
                    quantized.matrix().bytes(), sqnr(y, exact), worstError(y), weightError(quantized),
                    quantizesInput ? null : kernelError(quantized, y, dequantized),
                    quantizesInput ? sqnr(y, dequantized) : null,
                    narrowIntegers ? DemoResult.LEAST_INT4_ACTIVATION_SQNR : DemoResult.LEAST_ACTIVATION_SQNR,
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

    private static double sqnr(float[] y, double[] reference) {
        double signal = 0;
        double noise = 0;
        for (int i = 0; i < y.length; i++) {
            signal += reference[i] * reference[i];
            noise += (y[i] - reference[i]) * (y[i] - reference[i]);
        }
        return 10 * Math.log10(signal / noise);
    }

    private double worstError(float[] y) {
        double largest = Arrays.stream(exact).map(Math::abs).max().orElseThrow();
        return IntStream.range(0, y.length).mapToDouble(i -> Math.abs(y[i] - exact[i])).max().orElseThrow() / largest;
    }

    /** Rounding to the nearest code is off by half a step; a scale that is rounded itself may add to that. */
    private double weightError(LinearWeight quantized) {
        double widestStep = widestStep(quantized.matrix().table());
        int groups = quantized.matrix().scales().getSize() / layer.outputs();
        return maxOverOutputs(n -> {
            double[] row = quantized.row(n);
            double worst = 0;
            for (int k = 0; k < row.length; k++) {
                double scale = quantized.matrix().scales().get(n * groups + k / quantized.matrix().groupSize());
                double error = Math.abs(row[k] - weight[n][k]);
                worst = Math.max(worst, error == 0 ? 0 : error / Math.abs(scale * widestStep));
            }
            return worst;
        });
    }

    private static double widestStep(FloatArray table) {
        float[] values = table.toHeapArray();
        Arrays.sort(values);
        return IntStream.range(1, values.length).mapToDouble(i -> values[i] - values[i - 1])
                .filter(Double::isFinite).max().orElseThrow();
    }

    private double kernelError(LinearWeight quantized, float[] y, double[] dequantized) {
        return maxOverOutputs(n -> {
            double[] row = quantized.row(n);
            double worst = 0;
            for (int m = 0; m < rows; m++) {
                double magnitude = 0;
                for (int k = 0; k < row.length; k++) {
                    magnitude += Math.abs(x[m * row.length + k] * row[k]);
                }
                int element = m * layer.outputs() + n;
                worst = Math.max(worst,
                        Math.abs(y[element] - dequantized[element]) / (FLOAT_SUM_TOLERANCE * magnitude));
            }
            return worst;
        });
    }

    private double maxOverOutputs(IntToDoubleFunction error) {
        return IntStream.range(0, layer.outputs()).parallel().mapToDouble(error).max().orElseThrow();
    }

    /** {@code [M, N]}, the float64 products of x and the rows of a weight. */
    private double[] products(IntFunction<double[]> weightRow) {
        double[] products = new double[rows * layer.outputs()];
        IntStream.range(0, layer.outputs()).parallel().forEach(n -> {
            double[] row = weightRow.apply(n);
            for (int m = 0; m < rows; m++) {
                double sum = 0;
                for (int k = 0; k < row.length; k++) {
                    sum += x[m * row.length + k] * row[k];
                }
                products[m * layer.outputs() + n] = sum;
            }
        });
        return products;
    }
}
