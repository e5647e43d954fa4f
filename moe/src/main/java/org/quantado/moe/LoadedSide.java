package org.quantado.moe;

import java.util.Optional;
import java.util.function.Predicate;

import org.quantado.kernels.codec.ModelDtype;
import org.quantado.schemes.checkpoint.DType;
import org.quantado.schemes.checkpoint.Tensor;
import org.quantado.schemes.checkpoint.TensorSource;
import org.quantado.schemes.linear.LinearScheme;
import org.quantado.schemes.linear.LinearSpec;
import org.quantado.schemes.linear.LoadedParameters;

import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/** The tensors of a layer beside experts: of the router, or of the gate of the shared experts. */
public sealed interface LoadedSide {
    /** As it is, {@code [N, H]} and {@code [N]}. */
    record Floats(FloatArray weight, FloatArray bias) implements LoadedSide {
    }

    /** Quantized with a scheme. */
    record Quantized(LinearScheme scheme, LoadedParameters parameters) implements LoadedSide {
    }

    /**
     * Finds its tensors.
     *
     * @param scheme how it is quantized, if it is
     * @param isOfOther tells the tensors of its module that are not its own
     * @throws org.quantado.schemes.checkpoint.CheckpointException if one is missing, or of another type or shape
     */
    static LoadedSide load(String module, Optional<LinearScheme> scheme, int outputs, int hidden, ModelDtype dtype,
            TensorSource tensors, Predicate<String> isOfOther) {
        return scheme.<LoadedSide>map(some -> new Quantized(some,
                some.createWeights(LinearSpec.of(module, outputs, hidden, dtype)).load(tensors, isOfOther)))
                .orElseGet(() -> new Floats(floats(tensors.tensor(module + ".weight"), outputs, hidden),
                        tensors.find(module + ".bias").map(bias -> floats(bias, outputs))
                                .orElseGet(() -> new FloatArray(outputs))));
    }

    private static FloatArray floats(Tensor tensor, long... shape) {
        return FloatArray
                .fromArray(tensor.requireDType(DType.F32, DType.BF16, DType.F16).requireShape(shape).toFloats());
    }
}
