package org.quantado.moe;

import java.util.Optional;

import org.quantado.schemes.checkpoint.DType;
import org.quantado.schemes.checkpoint.Tensor;
import org.quantado.schemes.checkpoint.TensorSource;

import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/**
 * The tensors that give a block's router logits.
 *
 * @param weight {@code [E, H]}
 * @param bias {@code [E]}, of the logits
 * @param scoreBias {@code [E]}, {@code e_score_correction_bias}
 */
public record LoadedRouter(Optional<FloatArray> weight, Optional<FloatArray> bias, Optional<FloatArray> scoreBias) {
    static LoadedRouter load(MoeSpec spec, TensorSource tensors) {
        return new LoadedRouter(
                spec.routerModule().map(module -> floats(tensors.tensor(module + ".weight"), spec.experts(),
                        spec.hidden())),
                spec.routerModule().flatMap(module -> tensors.find(module + ".bias"))
                        .map(tensor -> floats(tensor, spec.experts())),
                spec.routerModule().flatMap(module -> tensors.find(module + ".e_score_correction_bias"))
                        .map(tensor -> floats(tensor, spec.experts())));
    }

    private static FloatArray floats(Tensor tensor, long... shape) {
        return FloatArray
                .fromArray(tensor.requireDType(DType.F32, DType.BF16, DType.F16).requireShape(shape).toFloats());
    }
}
