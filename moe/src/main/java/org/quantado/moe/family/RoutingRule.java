package org.quantado.moe.family;

import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.quantado.kernels.routing.ScoreFunction;
import org.quantado.kernels.routing.TopKRouter.Choice;
import org.quantado.kernels.routing.TopKWeights;

/**
 * How a family routes tokens, as far as its configs leave open or say it again.
 *
 * @param scores from logits to scores
 * @param choice what experts are compared by
 * @param weights what becomes of the scores of the chosen
 * @param bias what is added to the scores for the choice
 * @param groups the groups that limit the choice
 * @param scaling what weights are multiplied by where {@code routed_scaling_factor} does not say, in families that have
 *     this field
 * @param methods values of {@code topk_method} that mean this
 * @param weightOnInput whether weights multiply the inputs of experts and not their outputs
 */
record RoutingRule(ScoreFunction scores, Choice choice, WeightRule weights, Optional<Bias> bias, GroupRule groups,
        Optional<Float> scaling, Set<String> methods, boolean weightOnInput) {

    /** When the scores of the chosen are divided by their sum. */
    enum Normalize {
        ALWAYS, NEVER,
        /** Where a token has more experts than one. */
        OF_SEVERAL,
        /** As {@code norm_topk_prob} says, else always. */
        UNLESS_CONFIG_SAYS_NO,
        /** As {@code norm_topk_prob} says, else never. */
        IF_CONFIG_SAYS_SO;

        /** Whether the config has no say in it. */
        boolean isFixed() {
            return this == ALWAYS || this == NEVER || this == OF_SEVERAL;
        }
    }

    /**
     * From the scores of the chosen to their weights.
     *
     * @param normalize when they are divided by their sum
     * @param divided what they become then
     */
    record WeightRule(Normalize normalize, Function<LanguageConfig, TopKWeights> divided) {
    }

    /**
     * A tensor {@code [E]} that is added to the scores for the choice.
     *
     * @param tensor its name, relative to the block
     * @param unless the field that says false where it is not there
     */
    record Bias(String tensor, Optional<String> unless) {
    }

    /** When experts form groups. */
    sealed interface GroupRule {
    }

    /** Never. */
    record NoGroups() implements GroupRule {
    }

    /** As {@code n_group} and {@code topk_group} say, with these values where they do not. */
    record Grouped(int count, int kept) implements GroupRule {
    }

    /** If {@code topk_method} is {@code group_limited_greedy}, as {@code n_group} and {@code topk_group} say. */
    record GroupedByMethod() implements GroupRule {
    }

    private static RoutingRule of(ScoreFunction scores, Choice choice, Normalize normalize) {
        return new RoutingRule(scores, choice, new WeightRule(normalize, config -> TopKWeights.NORMALIZED),
                Optional.empty(),
                new NoGroups(), Optional.empty(), Set.of(), false);
    }

    /** Softmax over all experts, of which the best are chosen. */
    static RoutingRule softmax(Normalize normalize) {
        return of(ScoreFunction.SOFTMAX, Choice.SCORES, normalize);
    }

    /** Softmax over the logits of the chosen. */
    static RoutingRule softmaxOfChosen() {
        return of(ScoreFunction.SOFTMAX, Choice.LOGITS, Normalize.ALWAYS);
    }

    /** The sigmoid of each expert's logit. */
    static RoutingRule sigmoid(Normalize normalize) {
        return of(ScoreFunction.SIGMOID, Choice.SCORES, normalize);
    }

    /** As in DeepSeek-V3, where {@code bias} is beside the router's weight. */
    static RoutingRule groupedSigmoid(String bias, Normalize normalize, int groups, int kept, float scaling) {
        return sigmoid(normalize).normalizedTo(config -> new TopKWeights.Normalized(1e-20f, 0.0f)).biased(bias)
                .grouped(new Grouped(groups, kept)).scaled(scaling).methods("noaux_tc");
    }

    RoutingRule chosenByLogits() {
        return new RoutingRule(scores, Choice.LOGITS, weights, bias, groups, scaling, methods, weightOnInput);
    }

    RoutingRule normalizedTo(Function<LanguageConfig, TopKWeights> divided) {
        return new RoutingRule(scores, choice, new WeightRule(weights.normalize, divided), bias, groups, scaling,
                methods, weightOnInput);
    }

    RoutingRule biased(String tensor) {
        return biased(new Bias(tensor, Optional.empty()));
    }

    RoutingRule biasedUnless(String field, String tensor) {
        return biased(new Bias(tensor, Optional.of(field)));
    }

    private RoutingRule biased(Bias added) {
        return new RoutingRule(scores, choice, weights, Optional.of(added), groups, scaling, methods, weightOnInput);
    }

    RoutingRule grouped(GroupRule rule) {
        return new RoutingRule(scores, choice, weights, bias, rule, scaling, methods, weightOnInput);
    }

    RoutingRule scaled(float byDefault) {
        return new RoutingRule(scores, choice, weights, bias, groups, Optional.of(byDefault), methods, weightOnInput);
    }

    RoutingRule methods(String... values) {
        return new RoutingRule(scores, choice, weights, bias, groups, scaling, Set.of(values), weightOnInput);
    }

    RoutingRule onInput() {
        return new RoutingRule(scores, choice, weights, bias, groups, scaling, methods, true);
    }
}
