package org.quantado.schemes.linear;

import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

import org.quantado.kernels.matmul.LinearWeight;
import org.quantado.kernels.matmul.QuantizedMatrix;
import org.quantado.kernels.quantize.QuantizePlan;
import org.quantado.kernels.quantize.Quantizer;

import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Unquantized weights that are quantized on the device while they are loaded, some rows at a time.
 *
 * @param format what they become
 */
public record OnlineScheme(OnlineFormat format) implements LinearScheme {
    private static final String WEIGHT = "weight";
    /** Weights on their way through the device: 16 MB of floats keep it busy and leave room on any device. */
    private static final int CHUNK_ELEMENTS = 1 << 22;

    @Override
    public String name() {
        return format.schemeName();
    }

    @Override
    public int minCapability() {
        return format.minCapability();
    }

    @Override
    public Parameters createWeights(LinearSpec spec) {
        format.requireSizes(spec);
        return new Parameters(spec, List.of(
                ParameterSpec.required(WEIGHT, ParameterSpec.FLOATS, Axis.outputs(), Axis.inputs()),
                Bias.PARAMETER));
    }

    @Override
    public void check(LoadedParameters parameters) {
        // Any float can be quantized.
    }

    @Override
    public QuantizedLinear processWeightsAfterLoading(LoadedParameters parameters, Activations activations) {
        LinearSpec spec = parameters.spec();
        LinearWeight weight = new LinearWeight(quantize(parameters), Bias.of(parameters));
        Optional<Quantizer> input = activations == Activations.OFF
                ? Optional.empty()
                : format.activations(spec.paramsDtype());
        return new QuantizedLinear(spec, weight, input, Optional.empty());
    }

    private QuantizedMatrix quantize(LoadedParameters parameters) {
        LinearSpec spec = parameters.spec();
        int inputs = spec.inputSizePerPartition();
        int outputs = spec.outputSizePerPartition();
        int codeBits = format.codeBits();
        int groupSize = format.groupSize(inputs);
        IntArray words = new IntArray(
                Math.multiplyExact(outputs, QuantizedMatrix.wordsPerRow(inputs, codeBits)));
        FloatArray scales = new FloatArray(outputs * QuantizedMatrix.groups(inputs, groupSize));
        int capacity = Math.min(outputs,
                Math.max(1, CHUNK_ELEMENTS / inputs / OnlineFormat.BLOCK) * OnlineFormat.BLOCK);
        try (QuantizePlan plan = new QuantizePlan(format.weights(amax(parameters)), codeBits, capacity, inputs)) {
            int first = 0;
            for (int part = 0; part < spec.partitions().size(); part++) {
                TensorSlice slice = parameters.get(WEIGHT, part);
                for (int row = 0; row < slice.rows().length(); row += capacity) {
                    int count = Math.min(capacity, slice.rows().length() - row);
                    readRows(slice, row, count, plan.rows().values());
                    plan.execute(count);
                    copyRows(plan.words().getSegment(), words.getSegment(), words.getSize() / outputs,
                            first + row, count);
                    copyRows(plan.quantized().scales().getSegment(), scales.getSegment(),
                            scales.getSize() / outputs,
                            first + row, count);
                }
                first += slice.rows().length();
            }
        }
        return new QuantizedMatrix(outputs, inputs, codeBits, words, format.table(), groupSize,
                scales,
                new FloatArray(1));
    }

    /** The largest magnitude in all partitions. */
    private static float amax(LoadedParameters parameters) {
        float amax = 0;
        for (int part = 0; part < parameters.spec().partitions().size(); part++) {
            TensorSlice slice = parameters.get(WEIGHT, part);
            double largest = IntStream.range(0, slice.rows().length()).parallel().mapToDouble(row -> {
                float max = 0;
                for (int k = 0; k < slice.columns().length(); k++) {
                    max = Math.max(max, Math.abs(slice.tensor().floatAt(slice.index(row, k))));
                }
                return max;
            }).max().orElse(0);
            amax = Math.max(amax, (float) largest);
        }
        return amax;
    }

    private static void readRows(TensorSlice slice, int firstRow, int count, FloatArray rows) {
        int inputs = slice.columns().length();
        IntStream.range(0, count).parallel().forEach(row -> {
            for (int k = 0; k < inputs; k++) {
                rows.set(row * inputs + k, slice.tensor().floatAt(slice.index(firstRow + row, k)));
            }
        });
    }

    private static void copyRows(MemorySegment from, MemorySegment to, int width, int toRow, int count) {
        MemorySegment.copy(from, 0, to, toRow * (long) width * Integer.BYTES,
                count * (long) width * Integer.BYTES);
    }
}
