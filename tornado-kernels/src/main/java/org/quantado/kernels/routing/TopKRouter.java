package org.quantado.kernels.routing;

import java.util.Optional;

import org.quantado.kernels.graph.LayerGraph;
import org.quantado.kernels.graph.LayerNumber;
import org.quantado.kernels.graph.Rows;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.common.TaskPackage;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Chooses the experts of every token, and their weights. Of equal experts, and of equal groups, the lower index wins.
 *
 * <p>Source: vLLM, {@code grouped_topk} and {@code topk_softmax}: the choice is by score plus bias, the weights are the
 * scores without it. A group counts as much as its best expert, or with a bias as the sum of its two best.
 *
 * @param experts number of experts, E
 * @param topK experts of a token, k
 * @param scores from logits to scores
 * @param choice what the k largest are taken of
 * @param weights from the scores of the chosen to their weights
 * @param groups the groups that limit the choice
 * @param scalingFactor what all weights are multiplied by
 */
public record TopKRouter(int experts, int topK, ScoreFunction scores, Choice choice, TopKWeights weights,
        Optional<ExpertGroups> groups, float scalingFactor) {
    /** What experts are compared by. */
    public enum Choice {
        /** Scores, with the bias where there is one. */
        SCORES,
        /** The logits themselves: with renormalized softmax scores this is softmax over the top k. */
        LOGITS
    }

    public TopKRouter {
        if (topK < 1 || topK > experts) {
            throw new IllegalArgumentException(
                    "top_k = " + topK + " of " + experts + " experts: expected 1 to " + experts);
        }
        groups = groups.filter(some -> experts > some.count() && experts % some.count() == 0);
    }

    /** A router without groups and scaling. */
    public static TopKRouter of(int experts, int topK, ScoreFunction scores, boolean renormalize) {
        return new TopKRouter(experts, topK, scores, Choice.SCORES, TopKWeights.of(renormalize), Optional.empty(),
                1.0f);
    }

    /**
     * Adds the task that routes tokens and brings them together by expert to a graph.
     *
     * @param logits {@code [T, E]}, on the device
     * @param bias {@code [layers * E]}, on the device, added to the scores for the choice
     * @param layer which of the layers; its number is on the device
     * @param buckets filled with the slots of these tokens
     */
    public Routed addTo(LayerGraph graph, Rows logits, Optional<FloatArray> bias, LayerNumber layer,
            ExpertBuckets buckets) {
        FloatArray added = bias.orElseGet(() -> new FloatArray(layer.layers() * experts));
        IntArray rule = rule(bias.isPresent(), buckets.blockSize());
        FloatArray numbers = numbers();
        graph.constants(rule, numbers);
        if (bias.isEmpty()) {
            graph.constants(added);
        }
        int slots = Math.multiplyExact(logits.capacity(), topK);
        Routed routed = new Routed(new IntArray(slots), new FloatArray(slots));
        FloatArray best = new FloatArray(Math.multiplyExact(logits.capacity(), experts / groupSize() + topK));
        graph.task(TaskPackage.createPackage("route", RoutingKernels::route, new KernelContext(), logits.values(),
                added, layer.number(), logits.shape(), rule, numbers, best, routed.ids(), routed.weights(),
                buckets.expertMap(), buckets.starts(), buckets.slots(), buckets.rows(), buckets.blockExperts()),
                ExpertBuckets.grid(Math.max(logits.capacity(), buckets.localExperts() + 1)));
        return routed;
    }

    private int groupSize() {
        return groups.map(some -> experts / some.count()).orElse(experts);
    }

    private IntArray rule(boolean hasBias, int blockSize) {
        IntArray rule = new IntArray(RoutingKernels.BLOCK_SIZE + 1);
        rule.set(RoutingKernels.SOFTMAX, scores == ScoreFunction.SOFTMAX ? 1 : 0);
        rule.set(RoutingKernels.BY_LOGITS, choice == Choice.LOGITS ? 1 : 0);
        rule.set(RoutingKernels.GROUP_SIZE, groupSize());
        rule.set(RoutingKernels.KEPT_GROUPS, groups.map(ExpertGroups::kept).orElse(1));
        rule.set(RoutingKernels.TWO_BEST, hasBias ? 1 : 0);
        rule.set(RoutingKernels.WEIGHTS, switch (weights) {
            case TopKWeights.Scores _ -> 0;
            case TopKWeights.Normalized _ -> RoutingKernels.NORMALIZED;
            case TopKWeights.SparseMixer _ -> RoutingKernels.SPARSE_MIXER;
        });
        rule.set(RoutingKernels.TOP_K, topK);
        rule.set(RoutingKernels.BLOCK_SIZE, blockSize);
        return rule;
    }

    private FloatArray numbers() {
        FloatArray numbers = new FloatArray(RoutingKernels.SCALING_FACTOR + 1);
        if (weights instanceof TopKWeights.Normalized(float added, float least)) {
            numbers.set(RoutingKernels.ADDED, added);
            numbers.set(RoutingKernels.LEAST, least);
        }
        if (weights instanceof TopKWeights.SparseMixer(float within)) {
            numbers.set(RoutingKernels.WITHIN, within);
        }
        numbers.set(RoutingKernels.SCALING_FACTOR, scalingFactor);
        return numbers;
    }
}
