package org.quantado.moe.family;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import org.quantado.kernels.experts.GatedActivation;
import org.quantado.kernels.routing.ExpertGroups;
import org.quantado.kernels.routing.TopKRouter;
import org.quantado.kernels.routing.TopKWeights;
import org.quantado.schemes.checkpoint.CheckpointException;

/**
 * What a model's config and its family say of its blocks of experts.
 *
 * <p>A field that its family has no use for must say what the family does anyway.
 *
 * @param family of the model
 * @param config where its facts lie
 */
public record MoeFacts(MoeFamily family, LanguageConfig config) {
    private static final List<String> EXPERTS = List.of("num_experts", "num_local_experts", "n_routed_experts",
            "moe_num_experts");
    private static final List<String> TOP_K = List.of("num_experts_per_tok", "experts_per_token", "moe_k", "moe_topk");
    private static final List<String> SHARED = List.of("n_shared_experts", "num_shared_experts",
            "moe_num_shared_experts", "shared_expert_intermediate_size");
    private static final List<String> SCORES = List.of("scoring_func", "score_function");
    private static final String TOP_K_METHOD = "topk_method";
    private static final String GROUP_LIMITED = "group_limited_greedy";
    private static final String NORMALIZE = "norm_topk_prob";
    private static final String SCALING = "routed_scaling_factor";
    private static final String GROUPS = "n_group";
    private static final String KEPT_GROUPS = "topk_group";
    private static final String SWIGLU_LIMIT = "swiglu_limit";
    private static final String ACTIVATION = "hidden_act";
    private static final String SILU = "silu";
    /** {@link TopKWeights.SparseMixer} is written for this many experts of a token. */
    private static final int MIXED_EXPERTS = 2;

    /**
     * The facts of a model.
     *
     * @throws CheckpointException if its family is not known, or a field says what its family does not do
     */
    public static MoeFacts of(LanguageConfig config) {
        MoeFacts facts = new MoeFacts(MoeFamily.of(config), config);
        facts.requireKnown();
        return facts;
    }

    private void requireKnown() {
        String scores = family.routing().scores().name().toLowerCase(Locale.ROOT);
        SCORES.forEach(field -> requireText(field, scores));
        requireText(ACTIVATION, SILU);
        config.number(SWIGLU_LIMIT).filter(limit -> limit.floatValue() != activation().limit())
                .ifPresent(limit -> {
                    throw config.wrong(SWIGLU_LIMIT, limit, activation().equals(GatedActivation.SILU)
                            ? "none, as " + family.modelTypes().getFirst() + " has"
                            : String.valueOf(activation().limit()));
                });
        config.text(TOP_K_METHOD).filter(method -> !family.routing().methods().contains(method))
                .ifPresent(method -> {
                    throw config.wrong(TOP_K_METHOD, CheckpointException.quote(method),
                            family.routing().methods().isEmpty()
                                    ? "none, as " + family.modelTypes().getFirst() + " has"
                                    : "one of " + family.routing().methods().stream().sorted().toList());
                });
        if (family.routing().scaling().isEmpty()) {
            config.number(SCALING).filter(factor -> factor != 1).ifPresent(factor -> {
                throw config.wrong(SCALING, factor, "1, as " + family.modelTypes().getFirst() + " has");
            });
        }
        boolean always = normalizes(MIXED_EXPERTS);
        boolean fixed = family.routing().weights().normalize().isFixed();
        config.bool(NORMALIZE).filter(says -> fixed && says != always).ifPresent(says -> {
            throw config.wrong(NORMALIZE, says, always + ", as " + family.modelTypes().getFirst() + " has");
        });
    }

    private void requireText(String field, String expected) {
        config.text(field).filter(found -> !found.equals(expected)).ifPresent(found -> {
            throw config.wrong(field, CheckpointException.quote(found),
                    expected + ", as " + family.modelTypes().getFirst() + " has");
        });
    }

    /** Whether a layer has experts; else it has one MLP. */
    public boolean hasExperts(int layer) {
        return family.layers().contains(config, layer);
    }

    /** E, where the config says it. */
    public OptionalInt experts(int layer) {
        return agreed(EXPERTS, layer);
    }

    /** Whether each block has shared experts, where the config says it; else as the family has them. */
    public boolean hasSharedExperts() {
        return family.names().shared().isPresent() && SHARED.stream().map(config::integer)
                .flatMapToInt(OptionalInt::stream).allMatch(count -> count > 0);
    }

    /** What becomes of an expert's gate and up. */
    public GatedActivation activation() {
        return family.activation();
    }

    /** Whether weights multiply the inputs of experts and not their outputs. */
    public boolean weightOnInput() {
        return family.routing().weightOnInput();
    }

    /** The tensor {@code [E]} that is added to the scores for the choice, relative to the block, where there is one. */
    public Optional<String> scoreBias() {
        return family.routing().bias().filter(bias -> bias.unless().flatMap(config::bool).orElse(true))
                .map(RoutingRule.Bias::tensor);
    }

    /**
     * How tokens find their experts.
     *
     * @param experts how many the layer has
     * @param last name of the last of them
     * @throws CheckpointException if the config says something else, or nothing, or what cannot be
     */
    public TopKRouter router(int layer, int experts, String last) {
        experts(layer).stream().filter(said -> said != experts).findFirst().ifPresent(said -> {
            throw config.wrong("number of experts", said,
                    experts + ", since the last one is " + CheckpointException.quote(last));
        });
        int topK = agreed(TOP_K, layer).orElseThrow(
                () -> config.wrong(TOP_K.getFirst(), "nothing", "how many experts a token has"));
        RoutingRule routing = family.routing();
        TopKWeights weights = normalizes(topK) ? routing.weights().divided().apply(config) : TopKWeights.SCORES;
        boolean isMixed = weights instanceof TopKWeights.SparseMixer;
        if (topK > experts || (isMixed && topK != MIXED_EXPERTS)) {
            throw config.wrong(TOP_K.getFirst(), topK, isMixed
                    ? String.valueOf(MIXED_EXPERTS)
                    : "at most the number of experts, " + experts);
        }
        return new TopKRouter(experts, topK, routing.scores(), routing.choice(), weights, groups(experts, topK),
                routing.scaling().map(byDefault -> config.number(SCALING).map(Double::floatValue).orElse(byDefault))
                        .orElse(1.0f));
    }

    private boolean normalizes(int topK) {
        return switch (family.routing().weights().normalize()) {
            case ALWAYS -> true;
            case NEVER -> false;
            case OF_SEVERAL -> topK > 1;
            case UNLESS_CONFIG_SAYS_NO -> config.bool(NORMALIZE).orElse(true);
            case IF_CONFIG_SAYS_SO -> config.bool(NORMALIZE).orElse(false);
        };
    }

    private Optional<ExpertGroups> groups(int experts, int topK) {
        OptionalInt count = config.count(GROUPS, 0);
        OptionalInt kept = config.count(KEPT_GROUPS, 0);
        return switch (family.routing().groups()) {
            case RoutingRule.NoGroups none -> {
                if (count.orElse(1) != 1) {
                    throw config.wrong(GROUPS, count.getAsInt(), "1, as " + family.modelTypes().getFirst() + " has");
                }
                yield Optional.empty();
            }
            case RoutingRule.Grouped byDefault -> groups(experts, topK, count.orElse(byDefault.count()),
                    kept.orElse(byDefault.kept()));
            case RoutingRule.GroupedByMethod byMethod -> {
                if (!config.text(TOP_K_METHOD).equals(Optional.of(GROUP_LIMITED))) {
                    yield Optional.empty();
                }
                if (count.isEmpty() || kept.isEmpty()) {
                    throw config.wrong(count.isEmpty() ? GROUPS : KEPT_GROUPS, "nothing",
                            "a number for " + GROUP_LIMITED);
                }
                yield groups(experts, topK, count.getAsInt(), kept.getAsInt());
            }
        };
    }

    private Optional<ExpertGroups> groups(int experts, int topK, int count, int kept) {
        if (kept > count) {
            throw config.wrong(KEPT_GROUPS, kept, "at most n_group, " + count);
        }
        if (count == 1) {
            return Optional.empty();
        }
        if (experts % count != 0 || experts == count) {
            throw config.wrong(GROUPS, count, "equal groups of several of the " + experts + " experts");
        }
        if (kept * (experts / count) < topK) {
            throw config.wrong(KEPT_GROUPS, kept, "groups of together at least " + topK + " experts");
        }
        return Optional.of(new ExpertGroups(count, kept));
    }

    /** The value of all of these fields that are there. */
    private OptionalInt agreed(List<String> fields, int layer) {
        int[] values = fields.stream().map(field -> config.count(field, layer)).flatMapToInt(OptionalInt::stream)
                .distinct().toArray();
        if (values.length > 1) {
            throw config.wrong(String.join(", ", fields), Arrays.toString(values), "one number");
        }
        return Arrays.stream(values).findFirst();
    }
}
