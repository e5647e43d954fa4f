package org.quantado.moe;

import java.util.Optional;
import java.util.stream.Stream;

import org.quantado.schemes.checkpoint.DType;
import org.quantado.schemes.checkpoint.Shape;
import org.quantado.schemes.checkpoint.Tensor;
import org.quantado.schemes.checkpoint.TensorSource;
import org.quantado.schemes.linear.LinearScheme;

import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/**
 * What chooses a block's experts.
 *
 * @param layer that gives the logits, {@code [E, H]}, where the checkpoint has it
 * @param scoreBias {@code [E]}, added to the scores when experts are compared
 */
public record LoadedRouter(Optional<LoadedSide> layer, Optional<FloatArray> scoreBias) {
    /** Of a block whose experts somebody else chooses. */
    static final LoadedRouter NONE = new LoadedRouter(Optional.empty(), Optional.empty());

    /** What there is; of what chooses experts, all or nothing must be there. */
    static LoadedRouter load(MoeSpec spec, Optional<LinearScheme> scheme, TensorSource tensors) {
        return spec.routerTensors().filter(router -> scheme.isPresent() || isThere(router, tensors))
                .map(router -> new LoadedRouter(
                        Optional.of(LoadedSide.load(router.module(), scheme, spec.experts(), spec.hidden(),
                                spec.paramsDtype(), tensors, name -> router.scoreBias().equals(Optional.of(name)))),
                        router.scoreBias().map(name -> scoreBias(tensors.tensor(name), spec.experts()))))
                .orElse(NONE);
    }

    private static boolean isThere(MoeSpec.RouterTensors router, TensorSource tensors) {
        return Stream.concat(router.scoreBias().stream(), Stream.of(router.weight(), router.bias()))
                .anyMatch(name -> tensors.find(name).isPresent());
    }

    /** {@code [E]}, or {@code [1, E]} as in ERNIE. */
    private static FloatArray scoreBias(Tensor tensor, int experts) {
        tensor.requireDType(DType.F32, DType.BF16, DType.F16);
        boolean fits = tensor.shape().equals(Shape.of(experts)) || tensor.shape().equals(Shape.of(1, experts));
        if (!fits) {
            throw tensor.error("shape " + tensor.shape(), "shape [" + experts + "]");
        }
        return FloatArray.fromArray(tensor.toFloats());
    }
}
