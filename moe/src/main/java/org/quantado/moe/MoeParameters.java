package org.quantado.moe;

import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

import org.quantado.schemes.checkpoint.TensorSource;
import org.quantado.schemes.linear.Parameters;

/**
 * The parameters of a block, known by name, type and shape, and not loaded yet.
 *
 * @param method that it is loaded for
 * @param spec the block
 * @param gateUp of each expert of all ranks
 * @param down of each expert of all ranks
 * @param shared of the shared experts, where this rank has them
 */
public record MoeParameters(MoeMethod method, MoeSpec spec, List<Parameters> gateUp, List<Parameters> down,
        Optional<Shared> shared) {
    /** Parameters of the shared experts. */
    public record Shared(Parameters gateUp, Parameters down) {
    }

    static MoeParameters of(MoeMethod method, MoeSpec spec) {
        return new MoeParameters(method, spec,
                IntStream.range(0, spec.experts()).mapToObj(e -> method.experts().createWeights(spec.gateUp(e)))
                        .toList(),
                IntStream.range(0, spec.experts()).mapToObj(e -> method.experts().createWeights(spec.down(e)))
                        .toList(),
                spec.hasSharedHere()
                        ? Optional.of(new Shared(method.shared().createWeights(spec.sharedGateUp()),
                                method.shared().createWeights(spec.sharedDown())))
                        : Optional.empty());
    }

    /**
     * Finds every parameter and cuts the part that this process holds, without copying.
     *
     * @param tensors a checkpoint, or experts stacked in it
     * @throws org.quantado.schemes.checkpoint.CheckpointException if one is missing, or of another type or shape
     */
    public LoadedMoe load(TensorSource tensors) {
        return new LoadedMoe(spec, gateUp.stream().map(parameters -> parameters.load(tensors)).toList(),
                down.stream().map(parameters -> parameters.load(tensors)).toList(),
                shared.map(some -> new LoadedMoe.Shared(some.gateUp.load(tensors), some.down.load(tensors),
                        spec.shared().orElseThrow().gate().map(gate -> LoadedSide.load(gate, method.sharedGate(), 1,
                                spec.hidden(), spec.paramsDtype(), tensors, name -> false)))),
                LoadedRouter.load(spec, method.router(), tensors));
    }
}
