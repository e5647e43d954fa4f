package org.quantado.schemes.verify;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

import org.quantado.kernels.matmul.LinearWeight;
import org.quantado.schemes.checkpoint.Checkpoint;
import org.quantado.schemes.checkpoint.CheckpointException;
import org.quantado.schemes.linear.Activations;
import org.quantado.schemes.linear.OnlineFormat;
import org.quantado.schemes.linear.QuantizedLinear;
import org.quantado.schemes.linear.TensorParallel;
import org.quantado.schemes.model.Model;
import org.quantado.schemes.model.ModelLayer;

import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/**
 * Runs the layers of a folder for which {@code expected.safetensors} has an input and a result.
 *
 * <p>A result is a float64 product of the values that codes and scales stand for. A layer that sums in float is within
 * {@code 1e-5 * (|x| |w|^T + |bias|)} of it, element by element. Where the output is quantized, an element whose value
 * lies on the boundary of two codes may be one step off.
 */
public final class Verification implements AutoCloseable {
    /** Error of a sum in float relative to the sum of its terms' magnitudes; float64 itself stays below a tenth of it. */
    private static final double FLOAT_SUM_TOLERANCE = 1e-5;

    private final Model model;
    private final Checkpoint expected;
    private final List<Reference> references;

    private Verification(Model model, Checkpoint expected, List<Reference> references) {
        this.model = model;
        this.expected = expected;
        this.references = references;
    }

    /**
     * Opens a folder.
     *
     * @param activations whether activations are quantized where the config says so
     * @param online what unquantized layers become while loading; without it, what the folder says
     * @throws CheckpointException if it has no checkpoint, or nothing to compare with
     */
    public static Verification open(Path folder, Activations activations, Optional<OnlineFormat> online) {
        Path file = folder.resolve(References.FILE_NAME);
        if (!Files.exists(file)) {
            throw new CheckpointException(folder.toString(), "no " + References.FILE_NAME,
                    "one with the inputs and results of layers");
        }
        Model model = Model.open(folder);
        try {
            Checkpoint expected = Checkpoint.open(file);
            try {
                return new Verification(model, expected,
                        new References(folder, model, expected, activations, online).all());
            } catch (RuntimeException e) {
                expected.close();
                throw e;
            }
        } catch (RuntimeException e) {
            model.close();
            throw e;
        }
    }

    /** Names of the layers that {@link #run} runs, in its order. */
    public List<String> layers() {
        return references.stream().map(Reference::layer).toList();
    }

    /**
     * Runs one layer.
     *
     * @param index of the layer in {@link #layers}
     * @throws CheckpointException if it cannot be loaded, or its reference does not fit it
     */
    public LayerResult run(int index) {
        Reference reference = references.get(index);
        ModelLayer layer = model.layer(reference.layer());
        long start = System.nanoTime();
        try (QuantizedLinear linear = layer.load(TensorParallel.WHOLE, reference.activations(), reference.online())) {
            long prepared = System.nanoTime();
            int outputs = linear.spec().outputSizePerPartition();
            int inputs = linear.spec().inputSizePerPartition();
            int rows = rows(reference, outputs, inputs);
            FloatArray y = linear.apply(FloatArray.fromArray(reference.x().toFloats()));
            long applied = System.nanoTime();
            Comparison comparison = compare(reference, linear, y, rows);
            return new LayerResult(layer.name(), layer.schemeName(reference.online()), rows, outputs, inputs,
                    comparison.worstError, comparison.sqnr(), comparison.steps, prepared - start, applied - prepared);
        }
    }

    private static int rows(Reference reference, int outputs, int inputs) {
        long rows = reference.x().elements() / inputs;
        reference.x().requireShape(rows, inputs);
        reference.y().requireShape(rows, outputs);
        return Math.toIntExact(rows);
    }

    private static Comparison compare(Reference reference, QuantizedLinear linear, FloatArray y, int rows) {
        int outputs = linear.spec().outputSizePerPartition();
        int inputs = linear.spec().inputSizePerPartition();
        float[] usedX = reference.usedX().orElse(reference.x()).toFloats();
        Comparison comparison = new Comparison(linear.outputScale());
        LinearWeight weight = linear.weight();
        for (int n = 0; n < outputs; n++) {
            double[] row = weight.row(n);
            double bias = weight.bias().get(n);
            for (int m = 0; m < rows; m++) {
                double magnitude = Math.abs(bias);
                double product = bias;
                for (int k = 0; k < inputs; k++) {
                    double term = usedX[m * inputs + k] * row[k];
                    magnitude += Math.abs(term);
                    product += term;
                }
                long element = m * (long) outputs + n;
                double beforeOutput = reference.unroundedY().map(tensor -> (double) tensor.floatAt(element))
                        .orElse(product);
                comparison.add(y.get((int) element), reference.y().floatAt(element), FLOAT_SUM_TOLERANCE * magnitude,
                        beforeOutput);
            }
        }
        return comparison;
    }

    @Override
    public void close() {
        expected.close();
        model.close();
    }

    /** Errors of one layer, element by element. */
    private static final class Comparison {
        private final Optional<Float> outputScale;
        private double signal;
        private double noise;
        private double worstError;
        private int steps;

        Comparison(Optional<Float> outputScale) {
            this.outputScale = outputScale;
        }

        void add(double found, double expected, double tolerance, double beforeOutput) {
            double error = Math.abs(found - expected);
            signal += expected * expected;
            noise += error * error;
            if (isOneStep(error, tolerance, beforeOutput)) {
                steps++;
                return;
            }
            // NaN is an error too: it is not below any bound.
            double fraction = error == 0 ? 0 : error / tolerance;
            worstError = Double.isNaN(fraction) ? Double.POSITIVE_INFINITY : Math.max(worstError, fraction);
        }

        /** Whether the error is one step of the output's codes, and the value lies on the boundary of two. */
        private boolean isOneStep(double error, double tolerance, double beforeOutput) {
            if (outputScale.isEmpty()) {
                return false;
            }
            double step = outputScale.get();
            double code = beforeOutput / step;
            double distanceToBoundary = Math.abs(code - Math.floor(code) - 0.5) * step;
            return Math.abs(error - step) <= FLOAT_SUM_TOLERANCE * Math.max(step, Math.abs(beforeOutput))
                    && distanceToBoundary <= tolerance;
        }

        double sqnr() {
            return 10 * Math.log10(signal / noise);
        }
    }
}
