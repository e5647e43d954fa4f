package org.quantado.moe.model;

import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import org.quantado.moe.ExpertNames;
import org.quantado.moe.LoadedMoe;
import org.quantado.moe.MoeMethod;
import org.quantado.moe.MoeParallel;
import org.quantado.moe.MoeSpec;
import org.quantado.moe.QuantizedMoe;
import org.quantado.moe.RouterWeight;
import org.quantado.moe.family.LanguageConfig;
import org.quantado.moe.family.MoeFacts;
import org.quantado.schemes.checkpoint.CheckpointException;
import org.quantado.schemes.checkpoint.LinearizedExperts;
import org.quantado.schemes.checkpoint.TensorInfo;
import org.quantado.schemes.checkpoint.UsedTensors;
import org.quantado.schemes.linear.Activations;
import org.quantado.schemes.linear.LinearSpec;
import org.quantado.schemes.linear.OnlineFormat;
import org.quantado.schemes.linear.SchemeException;
import org.quantado.schemes.model.Model;
import org.quantado.schemes.select.Selection;

/** A block of experts of a model: where it is in the checkpoint, and how it is run. */
public final class MoeLayer {
    private static final Pattern LAYER_NUMBER = Pattern.compile("(?:^|\\.)layers\\.(\\d{1,6})(?:\\.|$)");

    private final Model model;
    private final BlockTensors tensors;
    private final BlockSchemes schemes;

    private MoeLayer(Model model, BlockTensors tensors) {
        this.model = model;
        this.tensors = tensors;
        this.schemes = new BlockSchemes(model, tensors);
    }

    /** A block whose experts are modules of their own. */
    static MoeLayer ofSingleExperts(Model model, String name, ExpertNames names, int experts) {
        return new MoeLayer(model, new BlockTensors(model.checkpoint(), name, names, experts, Optional.empty()));
    }

    /** A block whose unquantized experts are stacked in one tensor for each matrix. */
    static MoeLayer ofStackedExperts(Model model, LinearizedExperts experts) {
        ExpertNames names = ExpertNames.with(experts.layout().modules().getFirst()).orElseThrow();
        return new MoeLayer(model, new BlockTensors(model.checkpoint(), experts.block(), names, experts.experts(),
                Optional.of(experts)));
    }

    public String name() {
        return tensors.block();
    }

    /** Number of experts. */
    public int experts() {
        return tensors.experts();
    }

    /** Bytes of all its tensors in the checkpoint, router and shared experts included. */
    public long bytes() {
        return tensors.infos().mapToLong(TensorInfo::byteSize).sum();
    }

    /**
     * The scheme that was selected for the experts' matrices, or why there is none.
     *
     * @throws SchemeException with the peer's message if they have several
     */
    public Selection selection() {
        return schemes.selection();
    }

    /**
     * What config and family say.
     *
     * @throws CheckpointException if the family is not known, or a field says what it does not do
     */
    public MoeFacts facts() {
        Path config = model.checkpoint().configFile().orElseThrow(() -> new CheckpointException(
                model.checkpoint().path().toString(), "no config.json", "one that says how many experts a token has"));
        return MoeFacts.of(LanguageConfig.of(config, name()));
    }

    /** The number of its layer. */
    private int layer(MoeFacts facts) {
        Matcher number = LAYER_NUMBER.matcher(name());
        if (!number.find()) {
            throw new CheckpointException(facts.config().file(), "layer " + CheckpointException.quote(name()),
                    "no number of the layer", "layers.0 or another number in the name");
        }
        return Integer.parseInt(number.group(1));
    }

    /**
     * The whole block: sizes from the shapes of its tensors, how tokens find their experts from config and family.
     *
     * @throws CheckpointException if they do not tell, or contradict each other
     */
    public MoeSpec spec() {
        MoeFacts facts = facts();
        int[] size = sizeOfGate();
        Optional<MoeSpec.Shared> shared = tensors.shared(facts).map(some -> new MoeSpec.Shared(some.module(),
                model.layer(some.module() + ".gate_proj").spec().outputSizePerPartition(), some.gate()));
        return new MoeSpec(name(), facts.router(layer(facts), experts(), tensors.below("experts." + (experts() - 1))),
                size[1], size[0], facts.activation(),
                facts.weightOnInput() ? RouterWeight.ON_INPUT : RouterWeight.ON_OUTPUT, tensors.names(),
                Optional.of(tensors.router(facts)), shared, model.dtype(), MoeParallel.WHOLE);
    }

    /** I and H. */
    private int[] sizeOfGate() {
        if (tensors.stack().isPresent()) {
            LinearizedExperts stack = tensors.stack().get();
            return new int[]{stack.intermediate(), stack.hidden()};
        }
        LinearSpec gate = model.layer(tensors.below("experts.0." + tensors.names().gateUp().getFirst())).spec();
        return new int[]{gate.outputSizePerPartition(), gate.inputSize()};
    }

    /**
     * The method that runs the block.
     *
     * @param online what unquantized weights become while loading; without it they are run as they are
     * @throws CheckpointException if no scheme runs it, with the reason
     * @throws SchemeException if there is no method for it
     */
    public MoeMethod method(Optional<OnlineFormat> online) {
        return schemes.method(spec(), online);
    }

    /**
     * Checks all that can be checked without running: tensors, types, shapes, scales.
     *
     * @throws CheckpointException with what is wrong
     * @throws SchemeException if no method can run it
     */
    public void check() {
        MoeMethod method = method(Optional.empty());
        method.check(parameters(method, MoeParallel.WHOLE));
    }

    /**
     * Requires what a block in a whole model has, but a block by itself may lack: what chooses the experts, and the shared
     * experts.
     *
     * @throws CheckpointException with the tensor that is missing
     */
    public void requireWhole() {
        MoeFacts facts = facts();
        Stream.concat(Stream.of(facts.family().names().router()),
                facts.hasSharedExperts()
                        ? facts.family().names().shared().stream().map(some -> some.module())
                        : Stream.empty())
                .map(tensors::below).filter(module -> !tensors.has(module)).findFirst().ifPresent(module -> {
                    throw new CheckpointException(model.checkpoint().path(), CheckpointException.quote(module),
                            "no tensor of this name", "those of layer " + CheckpointException.quote(module));
                });
    }

    /**
     * Loads the block and makes it ready to run.
     *
     * @param part what this process holds of it
     * @param online what unquantized weights become while loading
     * @throws CheckpointException if something is wrong with its tensors, or no scheme runs it
     * @throws SchemeException if it cannot be cut so, or no method runs it
     */
    public QuantizedMoe load(MoeParallel part, Activations activations, Optional<OnlineFormat> online) {
        MoeMethod method = method(online);
        return method.processWeightsAfterLoading(parameters(method, part), activations);
    }

    /**
     * The parameters of the block, each of its tensors accounted for.
     *
     * @param part what this process holds of it
     * @throws CheckpointException if a tensor is missing, is of another type or shape, or has no use
     */
    public LoadedMoe parameters(MoeMethod method, MoeParallel part) {
        MoeFacts facts = facts();
        MoeSpec spec = spec();
        tensors.requireBiases(facts, spec);
        UsedTensors used = new UsedTensors(tensors.source());
        try {
            LoadedMoe loaded = method.createWeights(spec.withParallel(part)).load(used);
            boolean holdsShared = part.expertRank() == 0;
            if (holdsShared) {
                tensors.requireUsed(used, facts);
            }
            return loaded;
        } catch (SchemeException e) {
            throw new SchemeException(model.checkpoint().path() + ": " + e.getMessage());
        }
    }
}
