package org.quantado.kernels.routing;

import java.util.Optional;

import org.quantado.kernels.graph.LayerGraph;
import org.quantado.kernels.graph.LayerNumber;
import org.quantado.kernels.graph.Rows;

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
     * Adds the tasks that route tokens to a graph.
     *
     * @param logits {@code [T, E]}, on the device
     * @param bias {@code [L * E]}, on the device, added to the scores for the choice
     * @param layer which of the L; its number is on the device
     */
    public Routed addTo(LayerGraph graph, Rows logits, Optional<FloatArray> bias, LayerNumber layer) {
        FloatArray scored = addScores(graph, logits);
        FloatArray compared = addChoice(graph, logits, scored, bias, layer);
        FloatArray allowed = groups.map(some -> addGroups(graph, some, logits, compared, bias.isPresent()))
                .orElse(compared);
        int slots = Math.multiplyExact(logits.capacity(), topK);
        IntArray ids = new IntArray(slots);
        FloatArray chosen = new FloatArray(slots);
        graph.task(TaskPackage.createPackage("topK", RoutingKernels::topK, allowed, scored, logits.shape(), ids, chosen,
                topK), experts, logits.capacity());
        FloatArray weighted = new FloatArray(slots);
        graph.task(switch (weights) {
            case TopKWeights.Scores asTheyAre -> TaskPackage.createPackage("weights", RoutingKernels::weights, chosen,
                    logits.shape(), weighted, topK, 0, 0.0f, 0.0f, scalingFactor);
            case TopKWeights.Normalized(float added, float least) -> TaskPackage.createPackage("weights",
                    RoutingKernels::weights, chosen, logits.shape(), weighted, topK, 1, added, least, scalingFactor);
            case TopKWeights.SparseMixer(float within) -> TaskPackage.createPackage("weights",
                    RoutingKernels::sparseMixer, logits.values(), ids, logits.shape(), weighted, topK, within,
                    scalingFactor);
        }, slots, 1);
        return new Routed(ids, weighted);
    }

    private FloatArray addScores(LayerGraph graph, Rows logits) {
        FloatArray scored = new FloatArray(logits.values().getSize());
        if (scores == ScoreFunction.SIGMOID) {
            graph.task(TaskPackage.createPackage("scores", RoutingKernels::sigmoid, logits.values(), logits.shape(),
                    scored), experts, logits.capacity());
            return scored;
        }
        FloatArray largest = new FloatArray(logits.capacity());
        FloatArray sums = new FloatArray(logits.capacity());
        graph.task(TaskPackage.createPackage("softmaxSums", RoutingKernels::softmaxSums, logits.values(),
                logits.shape(), largest, sums), logits.capacity(), 1);
        graph.task(TaskPackage.createPackage("scores", RoutingKernels::softmax, logits.values(), largest, sums,
                logits.shape(), scored), experts, logits.capacity());
        return scored;
    }

    private FloatArray addChoice(LayerGraph graph, Rows logits, FloatArray scored, Optional<FloatArray> bias,
            LayerNumber layer) {
        if (choice == Choice.SCORES && bias.isEmpty()) {
            return scored;
        }
        FloatArray added = bias.orElseGet(() -> new FloatArray(layer.layers() * experts));
        if (bias.isEmpty()) {
            graph.constants(added);
        }
        FloatArray compared = new FloatArray(scored.getSize());
        graph.task(TaskPackage.createPackage("choice", RoutingKernels::choice,
                choice == Choice.SCORES ? scored : logits.values(), added, layer.number(), logits.shape(),
                compared), experts, logits.capacity());
        return compared;
    }

    private FloatArray addGroups(LayerGraph graph, ExpertGroups some, Rows logits, FloatArray compared,
            boolean twoBest) {
        FloatArray groupScores = new FloatArray(logits.capacity() * some.count());
        FloatArray allowed = new FloatArray(compared.getSize());
        int groupSize = experts / some.count();
        graph.task(TaskPackage.createPackage("groupScores", RoutingKernels::groupScores, compared, logits.shape(),
                groupScores, groupSize, twoBest ? 1 : 0), logits.capacity() * some.count(), 1);
        graph.task(TaskPackage.createPackage("keepGroups", RoutingKernels::keepGroups, compared, groupScores,
                logits.shape(), allowed, groupSize, some.kept()), experts, logits.capacity());
        return allowed;
    }
}
