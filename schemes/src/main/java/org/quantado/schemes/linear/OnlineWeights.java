package org.quantado.schemes.linear;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.stream.IntStream;

import org.quantado.kernels.matmul.LinearWeight;
import org.quantado.kernels.matmul.QuantizedMatrix;
import org.quantado.kernels.matmul.UsedArrays;
import org.quantado.kernels.quantize.QuantizePlan;

import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** Quantizes weights on the device, some rows at a time; weights of the same number of inputs share a plan. */
final class OnlineWeights implements WeightAssembler {
    /** Weights on their way through the device: 16 MB of floats keep it busy and leave room on any device. */
    private static final int CHUNK_ELEMENTS = 1 << 22;

    private final OnlineFormat format;
    private QuantizePlan plan;
    private int capacity;

    OnlineWeights(OnlineFormat format) {
        this.format = format;
    }

    @Override
    public LinearWeight assemble(LoadedParameters parameters) {
        LinearSpec spec = parameters.spec();
        int inputs = spec.inputSizePerPartition();
        int outputs = spec.outputSizePerPartition();
        int codeBits = format.codeBits();
        IntArray words = UsedArrays.ints(
                Math.multiplyExact(outputs, QuantizedMatrix.wordsPerRow(inputs, codeBits)));
        int groupSize = format.groupSize(inputs);
        FloatArray scales = UsedArrays.floats(outputs * QuantizedMatrix.groups(inputs, groupSize));
        open(parameters);
        int first = 0;
        for (int part = 0; part < spec.partitions().size(); part++) {
            TensorSlice slice = parameters.get(OnlineScheme.WEIGHT, part);
            for (int row = 0; row < slice.rows().length(); row += capacity) {
                int count = Math.min(capacity, slice.rows().length() - row);
                readRows(slice, row, count, plan.rows().values());
                plan.execute(count);
                copyRows(plan.words().getSegment(), words.getSegment(), words.getSize() / outputs, first + row, count);
                copyRows(plan.quantized().scales().getSegment(), scales.getSegment(), scales.getSize() / outputs,
                        first + row, count);
            }
            first += slice.rows().length();
        }
        QuantizedMatrix matrix = new QuantizedMatrix(outputs, inputs, codeBits, words, format.table(),
                groupSize, scales, new FloatArray(1));
        return new LinearWeight(matrix, Bias.of(parameters));
    }

    private void open(LoadedParameters parameters) {
        int inputs = parameters.spec().inputSizePerPartition();
        int rows = Math.max(1, CHUNK_ELEMENTS / inputs / OnlineFormat.BLOCK) * OnlineFormat.BLOCK;
        int needed = Math.min(parameters.spec().outputSizePerPartition(), rows);
        if (plan == null || format.hasGlobalScale() || plan.rows().width() != inputs || capacity < needed) {
            close();
            capacity = needed;
            float amax = format.hasGlobalScale() ? amax(parameters) : 0;
            plan = new QuantizePlan(format.weights(amax), format.codeBits(), capacity, inputs);
        }
    }

    /** The largest magnitude in all partitions. */
    private static float amax(LoadedParameters parameters) {
        float amax = 0;
        for (int part = 0; part < parameters.spec().partitions().size(); part++) {
            TensorSlice slice = parameters.get(OnlineScheme.WEIGHT, part);
            double largest = IntStream.range(0, slice.rows().length()).parallel().mapToDouble(row -> {
                float[] values = new float[slice.columns().length()];
                slice.tensor().read(slice.index(row, 0), values);
                float max = 0;
                for (float value : values) {
                    max = Math.max(max, Math.abs(value));
                }
                return max;
            }).max().orElse(0);
            amax = Math.max(amax, (float) largest);
        }
        return amax;
    }

    @Override
    public void close() {
        if (plan != null) {
            plan.close();
            plan = null;
        }
    }

    private static void readRows(TensorSlice slice, int firstRow, int count, FloatArray rows) {
        int inputs = slice.columns().length();
        RowRanges.forEach(count, (from, to) -> {
            float[] values = new float[inputs];
            for (int row = from; row < to; row++) {
                slice.tensor().read(slice.index(firstRow + row, 0), values);
                MemorySegment.copy(values, 0, rows.getSegment(), ValueLayout.JAVA_FLOAT,
                        row * (long) inputs * Float.BYTES, inputs);
            }
        });
    }

    private static void copyRows(MemorySegment from, MemorySegment to, int width, int toRow, int count) {
        MemorySegment.copy(from, 0, to, toRow * (long) width * Integer.BYTES,
                count * (long) width * Integer.BYTES);
    }
}
