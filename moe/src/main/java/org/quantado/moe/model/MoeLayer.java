package org.quantado.moe.model;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import org.quantado.moe.ExpertNames;
import org.quantado.moe.LoadedMoe;
import org.quantado.moe.MoeMethod;
import org.quantado.moe.MoeMethods;
import org.quantado.moe.MoeParallel;
import org.quantado.moe.MoeSpec;
import org.quantado.moe.QuantizedMoe;
import org.quantado.schemes.checkpoint.CheckpointException;
import org.quantado.schemes.checkpoint.Tensor;
import org.quantado.schemes.checkpoint.TensorInfo;
import org.quantado.schemes.checkpoint.TensorSource;
import org.quantado.schemes.checkpoint.LinearizedExperts;
import org.quantado.schemes.linear.Activations;
import org.quantado.schemes.linear.LinearScheme;
import org.quantado.schemes.linear.LinearSchemes;
import org.quantado.schemes.linear.LinearSpec;
import org.quantado.schemes.linear.OnlineFormat;
import org.quantado.schemes.linear.OnlineScheme;
import org.quantado.schemes.linear.SchemeException;
import org.quantado.schemes.linear.UnquantizedScheme;
import org.quantado.schemes.model.Model;
import org.quantado.schemes.select.Selection;

/** A block of experts of a model: where it is in the checkpoint, and how it is run. */
public final class MoeLayer {
    private static final List<String> ROUTERS = List.of("gate", "router");
    private static final List<String> SHARED = List.of("shared_experts", "shared_expert");
    private static final String SHARED_GATE = "shared_expert_gate";

    private final Model model;
    private final String name;
    private final ExpertNames names;
    private final int experts;
    private final TensorSource tensors;
    private final boolean stacked;

    private MoeLayer(Model model, String name, ExpertNames names, int experts, TensorSource tensors, boolean stacked) {
        this.model = model;
        this.name = name;
        this.names = names;
        this.experts = experts;
        this.tensors = tensors;
        this.stacked = stacked;
    }

    /** A block whose experts are modules of their own. */
    static MoeLayer ofSingleExperts(Model model, String name, ExpertNames names, int experts) {
        return new MoeLayer(model, name, names, experts, model.checkpoint(), false);
    }

    /** A block whose unquantized experts are stacked in one tensor for each matrix. */
    static MoeLayer ofStackedExperts(Model model, LinearizedExperts experts) {
        ExpertNames names = ExpertNames.with(experts.layout().modules().getFirst()).orElseThrow();
        return new MoeLayer(model, experts.block(), names, experts.experts(), experts, true);
    }

    public String name() {
        return name;
    }

    /** Number of experts. */
    public int experts() {
        return experts;
    }

    /** Names of the modules of expert e, the gate's first. */
    private Stream<String> modules(int expert) {
        return Stream.concat(names.gateUp().stream(), Stream.of(names.down()))
                .map(matrix -> name + ".experts." + expert + "." + matrix);
    }

    /** Bytes of all its tensors in the checkpoint, router and shared experts included. */
    public long bytes() {
        return model.checkpoint().infos().values().stream().filter(tensor -> tensor.name().startsWith(name + "."))
                .mapToLong(TensorInfo::byteSize).sum();
    }

    /**
     * The scheme that was selected for the experts' matrices, or why there is none.
     *
     * @throws SchemeException with the peer's message if they have several
     */
    public Selection selection() {
        if (stacked) {
            return new Selection.Unquantized("its experts are stacked in unquantized tensors");
        }
        List<Selection> selections = IntStream.range(0, experts).boxed().flatMap(this::modules)
                .map(module -> model.layer(module).selection()).toList();
        Selection first = selections.getFirst();
        boolean unquantized = selections.stream().allMatch(Selection.Unquantized.class::isInstance);
        if (!unquantized && !selections.stream().allMatch(first::equals)) {
            throw new SchemeException("layer '" + name
                    + "': All MoE projections need to have same quantization scheme but found multiple");
        }
        return first;
    }

    /**
     * The whole block: sizes from the shapes of its tensors, and how tokens find their experts from the config.
     *
     * @throws CheckpointException if they do not tell, or contradict each other
     */
    public MoeSpec spec() {
        Path config = model.checkpoint().configFile().orElseThrow(() -> new CheckpointException(
                model.checkpoint().path().toString(), "no config.json", "one that says how many experts a token has"));
        MoeConfig facts = MoeConfig.read(config);
        if (facts.experts().orElse(experts) != experts) {
            throw new CheckpointException(config, "number of experts", String.valueOf(facts.experts().getAsInt()),
                    experts + ", as layer " + CheckpointException.quote(name) + " has");
        }
        if (facts.topK() > experts) {
            throw new CheckpointException(config, "num_experts_per_tok", String.valueOf(facts.topK()),
                    "at most the number of experts, " + experts);
        }
        int[] size = sizeOfGate();
        return new MoeSpec(name, facts.router(experts), size[1], size[0], facts.activation(), false, names, router(),
                shared(), model.dtype(), MoeParallel.WHOLE);
    }

    /** I and H. */
    private int[] sizeOfGate() {
        if (tensors instanceof LinearizedExperts stack) {
            return new int[]{stack.intermediate(), stack.hidden()};
        }
        LinearSpec gate = model.layer(name + ".experts.0." + names.gateUp().getFirst()).spec();
        return new int[]{gate.outputSizePerPartition(), gate.inputSize()};
    }

    private Optional<String> router() {
        return ROUTERS.stream().map(module -> name + "." + module)
                .filter(module -> model.checkpoint().find(module + ".weight").isPresent()).findFirst();
    }

    private Optional<MoeSpec.Shared> shared() {
        Optional<Tensor> gated = model.checkpoint().find(name + "." + SHARED_GATE + ".weight");
        if (gated.isPresent()) {
            throw gated.get().error("a gate for the shared expert", "a block without one: no kernel applies it");
        }
        return SHARED.stream().map(module -> name + "." + module)
                .filter(module -> model.checkpoint().names().stream()
                        .anyMatch(tensor -> tensor.startsWith(module + ".")))
                .findFirst().map(module -> new MoeSpec.Shared(module,
                        model.layer(module + ".gate_proj").spec().outputSizePerPartition()));
    }

    /**
     * The method that runs the block.
     *
     * @param online what unquantized weights become while loading; without it they are run as they are
     * @throws CheckpointException if no scheme runs it, with the reason
     * @throws SchemeException if there is no method for it
     */
    public MoeMethod method(Optional<OnlineFormat> online) {
        MoeMethod method = switch (selection()) {
            case Selection.Selected selected -> MoeMethods.of(selected, model.dtype());
            case Selection.Unquantized unquantized -> online.map(MoeMethod::online).orElseGet(MoeMethod::unquantized);
            case Selection.Unsupported unsupported -> throw unsupported
                    .toException(model.checkpoint().configFile().orElse(model.checkpoint().path()), name);
        };
        return shared().map(shared -> method.withShared(sharedScheme(shared, online))).orElse(method);
    }

    private LinearScheme sharedScheme(MoeSpec.Shared shared, Optional<OnlineFormat> online) {
        List<Selection> selections = Stream.of("gate_proj", "up_proj", "down_proj")
                .map(matrix -> model.layer(shared.module() + "." + matrix).selection()).toList();
        Function<Selection, LinearScheme> scheme = selection -> switch (selection) {
            case Selection.Selected selected -> LinearSchemes.of(selected, model.dtype());
            case Selection.Unquantized unquantized -> online.<LinearScheme>map(OnlineScheme::new)
                    .orElseGet(UnquantizedScheme::new);
            case Selection.Unsupported unsupported -> throw unsupported
                    .toException(model.checkpoint().configFile().orElse(model.checkpoint().path()), shared.module());
        };
        List<String> found = selections.stream().map(scheme).map(LinearScheme::name).distinct().toList();
        if (found.size() > 1) {
            throw new SchemeException("layer '" + shared.module()
                    + "': All MoE projections need to have same quantization scheme but found multiple");
        }
        return scheme.apply(selections.getFirst());
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

    private LoadedMoe parameters(MoeMethod method, MoeParallel part) {
        try {
            return method.createWeights(spec().withParallel(part)).load(tensors);
        } catch (SchemeException e) {
            throw new SchemeException(model.checkpoint().path() + ": " + e.getMessage());
        }
    }
}
