package org.quantado.moe;

import java.util.List;
import java.util.Optional;

import org.quantado.kernels.codec.ModelDtype;
import org.quantado.kernels.experts.GatedActivation;
import org.quantado.kernels.routing.TopKRouter;
import org.quantado.schemes.linear.LinearSpec;
import org.quantado.schemes.linear.LinearSpec.Partition;
import org.quantado.schemes.linear.SchemeException;
import org.quantado.schemes.linear.TensorParallel;

/**
 * A block of experts to be created: its sizes, where its tensors are in a checkpoint, and the part held here.
 *
 * @param layerName name of the block, such as {@code model.layers.0.mlp}; expert e is {@code <layerName>.experts.<e>}
 * @param router how experts are chosen; says how many there are
 * @param hidden H, features of a token
 * @param intermediate I, features between gate and up, and down, of a whole expert
 * @param activation between them
 * @param routerWeight what the weight that the router gives an expert multiplies
 * @param names of the experts' matrices
 * @param routerTensors what chooses the experts, if the checkpoint has it
 * @param shared experts that every token goes through
 * @param paramsDtype the model's type
 * @param parallel the part held here
 */
public record MoeSpec(String layerName, TopKRouter router, int hidden, int intermediate, GatedActivation activation,
        RouterWeight routerWeight, ExpertNames names, Optional<RouterTensors> routerTensors, Optional<Shared> shared,
        ModelDtype paramsDtype, MoeParallel parallel) {
    /**
     * What chooses experts, by its names in the checkpoint.
     *
     * @param module the layer that gives the logits
     * @param scoreBias the tensor that is added to the scores when experts are compared
     */
    public record RouterTensors(String module, Optional<String> scoreBias) {
        /** Name of its weight, where it is not quantized. */
        public String weight() {
            return module + ".weight";
        }

        /** Name of its bias. */
        public String bias() {
            return module + ".bias";
        }
    }

    /**
     * Experts that every token goes through, stored as one.
     *
     * @param module name of the module above gate, up and down
     * @param intermediate features between them
     * @param gate name of the layer whose sigmoid multiplies what they give, where there is one
     */
    public record Shared(String module, int intermediate, Optional<String> gate) {
    }

    public MoeSpec {
        int parts = parallel.tensorSize();
        if (intermediate % parts != 0 || shared.stream().anyMatch(some -> some.intermediate % parts != 0)) {
            throw new SchemeException("intermediate_size=" + intermediate + " of layer '" + layerName
                    + "' is not divisible by tensor_parallel_size=" + parts
                    + "; use a tensor_parallel_size that divides it");
        }
        if (parallel.expertSize() > router.experts()) {
            throw new SchemeException("layer '" + layerName + "' has " + router.experts() + " experts for "
                    + parallel.expertSize() + " expert-parallel ranks; use at most as many ranks as experts");
        }
    }

    /** A whole block without shared experts and without a router in the checkpoint. */
    public static MoeSpec of(String layerName, TopKRouter router, int hidden, int intermediate,
            GatedActivation activation, ModelDtype paramsDtype) {
        return new MoeSpec(layerName, router, hidden, intermediate, activation, RouterWeight.ON_OUTPUT,
                ExpertNames.GATE_UP_DOWN,
                Optional.empty(), Optional.empty(), paramsDtype, MoeParallel.WHOLE);
    }

    /** The same block, of which this process holds a part. */
    public MoeSpec withParallel(MoeParallel part) {
        return new MoeSpec(layerName, router, hidden, intermediate, activation, routerWeight, names, routerTensors,
                shared, paramsDtype, part);
    }

    /** The same block with the router's weights elsewhere. */
    public MoeSpec withRouterWeight(RouterWeight weight) {
        return new MoeSpec(layerName, router, hidden, intermediate, activation, weight, names, routerTensors, shared,
                paramsDtype, parallel);
    }

    /** The same block with shared experts. */
    public MoeSpec withShared(Shared experts) {
        return new MoeSpec(layerName, router, hidden, intermediate, activation, routerWeight, names, routerTensors,
                Optional.of(experts), paramsDtype, parallel);
    }

    /** E, of all ranks. */
    public int experts() {
        return router.experts();
    }

    /** The experts of this rank, in the order in which it holds them. */
    public int[] localExperts() {
        return parallel.placement().expertsOf(experts(), parallel.expertRank(), parallel.expertSize());
    }

    /** I of the part held here. */
    public int intermediatePerPartition() {
        return intermediate / parallel.tensorSize();
    }

    /** Whether the shared experts are held here; of expert-parallel ranks, the first has them. */
    boolean hasSharedHere() {
        return shared.isPresent() && parallel.expertRank() == 0;
    }

    LinearSpec gateUp(int expert) {
        return gateUp(layerName + ".experts." + expert, names, intermediate);
    }

    LinearSpec down(int expert) {
        return down(layerName + ".experts." + expert, names, intermediate);
    }

    LinearSpec sharedGateUp() {
        return gateUp(shared.orElseThrow().module, ExpertNames.GATE_UP_DOWN, shared.orElseThrow().intermediate);
    }

    LinearSpec sharedDown() {
        return down(shared.orElseThrow().module, ExpertNames.GATE_UP_DOWN, shared.orElseThrow().intermediate);
    }

    private LinearSpec gateUp(String module, ExpertNames matrices, int outputs) {
        List<Partition> partitions = matrices.gateUp().stream()
                .map(name -> new Partition(module + "." + name, outputs)).toList();
        return new LinearSpec(module + ".gate_up_proj", hidden, partitions, paramsDtype,
                TensorParallel.columns(parallel.tensorRank(), parallel.tensorSize()));
    }

    private LinearSpec down(String module, ExpertNames matrices, int inputs) {
        String name = module + "." + matrices.down();
        return new LinearSpec(name, inputs, List.of(new Partition(name, hidden)), paramsDtype,
                TensorParallel.rows(parallel.tensorRank(), parallel.tensorSize()));
    }
}
