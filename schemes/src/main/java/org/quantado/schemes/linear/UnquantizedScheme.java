package org.quantado.schemes.linear;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

import org.quantado.kernels.codec.BFloat16;
import org.quantado.kernels.codec.Float16;
import org.quantado.kernels.matmul.LinearWeight;
import org.quantado.kernels.matmul.MatrixRows;
import org.quantado.kernels.quantize.Quantizer;
import org.quantado.schemes.checkpoint.DType;

import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

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
        return new QuantizedLinear(this, parameters, Optional.empty(), Optional.empty());
    }

    private static LinearWeight assemble(LoadedParameters parameters) {
        LinearSpec spec = parameters.spec();
        int inputs = spec.inputSizePerPartition();
        DType dtype = parameters.get(WEIGHT, 0).tensor().dtype();
        List<StackedRows.Partition> partitions = new ArrayList<>();
        for (int part = 0; part < spec.partitions().size(); part++) {
            TensorSlice slice = parameters.get(WEIGHT, part);
            slice.tensor().requireDType(dtype);
            partitions.add(new StackedRows.Partition(slice.rows().length(), () -> new Rows(slice)));
        }
        FloatArray table = dtype == DType.F32 ? new FloatArray(1) : table(dtype);
        return new LinearWeight(new StackedRows(spec.outputSizePerPartition(), inputs, dtype.bits(), table, inputs,
                false, partitions), Bias.of(parameters));
    }

    /** Rows of floats, whose scales are 1. */
    private record Rows(TensorSlice slice) implements MatrixRows.Reader {
        @Override
        public void words(int row, int[] words) {
            slice.copyRow(row, MemorySegment.ofArray(words));
        }

        @Override
        public void scales(int row, float[] scales) {
            Arrays.fill(scales, 1);
        }

        @Override
        public void zeros(int row, float[] zeros) {
            Arrays.fill(zeros, 0);
        }
    }

    private static FloatArray table(DType dtype) {
        FloatArray table = new FloatArray(CODES);
        for (int code = 0; code < CODES; code++) {
            table.set(code, dtype == DType.BF16 ? BFloat16.toFloat((short) code) : Float16.toFloat((short) code));
        }
        return table;
    }
}
