package org.quantado.moe.model;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import org.quantado.moe.ExpertNames;
import org.quantado.moe.MoeSpec;
import org.quantado.moe.family.BlockNames;
import org.quantado.moe.family.MoeFacts;
import org.quantado.schemes.checkpoint.Checkpoint;
import org.quantado.schemes.checkpoint.CheckpointException;
import org.quantado.schemes.checkpoint.LinearizedExperts;
import org.quantado.schemes.checkpoint.Tensor;
import org.quantado.schemes.checkpoint.TensorInfo;
import org.quantado.schemes.checkpoint.TensorSource;
import org.quantado.schemes.checkpoint.UsedTensors;
import org.quantado.schemes.select.Leftovers;

/**
 * The tensors of a block in a checkpoint.
 *
 * @param block name of the block
 * @param names of the experts' matrices
 * @param experts how many there are
 * @param stack the experts, where they are stacked
 */
record BlockTensors(Checkpoint checkpoint, String block, ExpertNames names, int experts,
        Optional<LinearizedExperts> stack) {
    /** Where single experts' tensors are found. */
    TensorSource source() {
        return stack.<TensorSource>map(some -> some).orElse(checkpoint);
    }

    /** Full name of what is below the block. */
    String below(String name) {
        return block + "." + name;
    }

    /** All tensors of the block, as they are in the checkpoint. */
    Stream<TensorInfo> infos() {
        Map<String, TensorInfo> all = checkpoint.infos();
        return checkpoint.namesThatBegin(block + ".").stream().map(all::get);
    }

    /** Whether there is any tensor of a module. */
    boolean has(String module) {
        return !checkpoint.namesThatBegin(module + ".").isEmpty();
    }

    /** Names of the modules of all experts, the gate's first of each. */
    Stream<String> expertModules() {
        return IntStream.range(0, experts).boxed().flatMap(this::modules);
    }

    private Stream<String> modules(int expert) {
        return Stream.concat(names.gateUp().stream(), Stream.of(names.down()))
                .map(matrix -> below("experts." + expert + "." + matrix));
    }

    /** What chooses experts. */
    MoeSpec.RouterTensors router(MoeFacts facts) {
        return new MoeSpec.RouterTensors(below(facts.family().names().router()), facts.scoreBias().map(this::below));
    }

    /** Name of the module of the shared experts, where there is any tensor of it. */
    Optional<BlockNames.Shared> shared(MoeFacts facts) {
        return facts.family().names().shared()
                .map(some -> new BlockNames.Shared(below(some.module()), some.gate().map(this::below)))
                .filter(some -> has(some.module()));
    }

    /**
     * Requires the biases that a family has, and no others.
     *
     * @throws CheckpointException with the tensor that is missing, or is not described
     */
    void requireBiases(MoeFacts facts, MoeSpec spec) {
        BlockNames described = facts.family().names();
        expertModules().forEach(module -> requireBias(module, described.expertBias(), facts));
        spec.routerTensors().map(MoeSpec.RouterTensors::module).filter(this::has)
                .ifPresent(router -> requireBias(router, described.routerBias(), facts));
        spec.shared().ifPresent(shared -> {
            List.of("gate_proj", "up_proj", "down_proj")
                    .forEach(matrix -> requireBias(shared.module() + "." + matrix, false, facts));
            shared.gate().ifPresent(gate -> requireBias(gate, false, facts));
        });
    }

    private void requireBias(String module, boolean isDescribed, MoeFacts facts) {
        String name = module + ".bias";
        if (isDescribed) {
            source().tensor(name);
        } else {
            source().find(name).ifPresent(bias -> {
                throw unused(bias, facts);
            });
        }
    }

    /**
     * Requires that all tensors of the block were asked for.
     *
     * @throws CheckpointException with the first that was not
     */
    void requireUsed(UsedTensors used, MoeFacts facts) {
        infos().filter(tensor -> !used.has(tensor.name()) && !Leftovers.contains(tensor.name()))
                .filter(tensor -> stack.stream().flatMap(experts -> experts.seenAs(tensor).stream())
                        .noneMatch(seen -> used.has(seen.name())))
                .findFirst().ifPresent(tensor -> {
                    throw unused(checkpoint.tensor(tensor.name()), facts);
                });
    }

    private CheckpointException unused(Tensor tensor, MoeFacts facts) {
        return tensor.error("a tensor that layer " + CheckpointException.quote(block) + " has no use for",
                "none, as blocks of experts of model_type " + CheckpointException.quote(facts.config().modelType())
                        + " have");
    }
}
