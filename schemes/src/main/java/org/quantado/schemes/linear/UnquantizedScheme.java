package org.quantado.schemes.linear;

import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

import org.quantado.kernels.codec.BFloat16;
import org.quantado.kernels.codec.Float16;
import org.quantado.kernels.matmul.LinearWeight;
import org.quantado.kernels.matmul.QuantizedMatrix;
import org.quantado.kernels.matmul.UsedArrays;
import org.quantado.kernels.quantize.Quantizer;
import org.quantado.schemes.checkpoint.DType;

import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** Weights of floats as they are: every bit pattern of 16-bit floats is a code, those of 32 bits are floats. */
public record UnquantizedScheme() implements LinearScheme {
    private static final String WEIGHT = "weight";
    private static final int CODES = 1 << Short.SIZE;

    @Override
    public String name() {
        return "unquantized";
    }

    @Override
    public int minCapability() {
        return 0;
    }

    @Override
    public Parameters createWeights(LinearSpec spec) {
        return new Parameters(spec, List.of(ParameterSpec.required(WEIGHT, List.of(DType.BF16, DType.F16, DType.F32),
                Axis.outputs(), Axis.inputs()), Bias.PARAMETER));
    }

    @Override
    public void check(LoadedParameters parameters) {
        // Any float will do.
    }

    @Override
    public WeightAssembler weightAssembler() {
        return UnquantizedScheme::assemble;
    }

    @Override
    public boolean holdsFloats(LoadedParameters parameters) {
        return parameters.get(WEIGHT, 0).tensor().dtype() == DType.F32;
    }

    @Override
    public Optional<Quantizer> inputQuantizer(LoadedParameters parameters, Activations activations) {
        return Optional.empty();
    }

    @Override
    public QuantizedLinear processWeightsAfterLoading(LoadedParameters parameters, Activations activations) {
        return new QuantizedLinear(parameters.spec(), () -> assemble(parameters), Optional.empty(),
                Optional.empty());
    }

    private static LinearWeight assemble(LoadedParameters parameters) {
        LinearSpec spec = parameters.spec();
        int inputs = spec.inputSizePerPartition();
        int outputs = spec.outputSizePerPartition();
        DType dtype = parameters.get(WEIGHT, 0).tensor().dtype();
        int wordsPerRow = QuantizedMatrix.wordsPerRow(inputs, dtype.bits());
        IntArray words = UsedArrays.ints(Math.multiplyExact(outputs, wordsPerRow));
        int first = 0;
        for (int part = 0; part < spec.partitions().size(); part++) {
            TensorSlice slice = parameters.get(WEIGHT, part);
            slice.tensor().requireDType(dtype);
            copyRows(slice, words, first, wordsPerRow);
            first += slice.rows().length();
        }
        if (dtype == DType.F32) {
            return new LinearWeight(QuantizedMatrix.ofFloats(outputs, inputs, words), Bias.of(parameters));
        }
        FloatArray scales = UsedArrays.floats(outputs);
        scales.init(1);
        return new LinearWeight(new QuantizedMatrix(outputs, inputs, Short.SIZE, words, table(dtype), inputs, scales,
                new FloatArray(1)), Bias.of(parameters));
    }

    private static void copyRows(TensorSlice slice, IntArray words, int first, int wordsPerRow) {
        long rowBytes = wordsPerRow * (long) Integer.BYTES;
        IntStream.range(0, slice.rows().length()).parallel()
                .forEach(row -> slice.copyRow(row, words.getSegment().asSlice((first + row) * rowBytes, rowBytes)));
    }

    private static FloatArray table(DType dtype) {
        FloatArray table = new FloatArray(CODES);
        for (int code = 0; code < CODES; code++) {
            table.set(code, dtype == DType.BF16 ? BFloat16.toFloat((short) code) : Float16.toFloat((short) code));
        }
        return table;
    }
}
