package org.quantado.kernels.routing;

import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * From logits to the experts of every token. In all of them {@code shape} holds T and E; logits, scores and what else
 * there is of every expert are {@code [T, E]}.
 */
final class RoutingKernels {
    private RoutingKernels() {
    }

    /**
     * What the softmax of a token takes of all its experts. A NaN or a positive infinity makes the sum NaN, and so do
     * negative infinities alone make the scores.
     *
     * @param largest {@code [T]}, the largest logit
     * @param sums {@code [T]}, of {@code exp(logit - largest)}
     */
    static void softmaxSums(FloatArray logits, IntArray shape, FloatArray largest, FloatArray sums) {
        for (@Parallel int t = 0; t < shape.get(0); t++) {
            int experts = shape.get(1);
            float max = -Float.MAX_VALUE;
            for (int e = 0; e < experts; e++) {
                float logit = logits.get(t * experts + e);
                if (logit > max) {
                    max = logit;
                }
            }
            float sum = 0.0f;
            for (int e = 0; e < experts; e++) {
                sum += TornadoMath.exp(logits.get(t * experts + e) - max);
            }
            largest.set(t, max);
            sums.set(t, sum);
        }
    }

    static void softmax(FloatArray logits, FloatArray largest, FloatArray sums, IntArray shape,
            FloatArray scores) {
        for (@Parallel int e = 0; e < shape.get(1); e++) {
            for (@Parallel int t = 0; t < shape.get(0); t++) {
                int at = t * shape.get(1) + e;
                float score = TornadoMath.exp(logits.get(at) - largest.get(t)) / sums.get(t);
                scores.set(at, Float.isNaN(score) ? 0.0f : score);
            }
        }
    }

    static void sigmoid(FloatArray logits, IntArray shape, FloatArray scores) {
        for (@Parallel int e = 0; e < shape.get(1); e++) {
            for (@Parallel int t = 0; t < shape.get(0); t++) {
                int at = t * shape.get(1) + e;
                float score = 1.0f / (1.0f + TornadoMath.exp(-logits.get(at)));
                scores.set(at, Float.isNaN(score) ? 0.0f : score);
            }
        }
    }

    /**
     * What experts are compared by; NaN is the least.
     *
     * @param bias {@code [L * E]}
     * @param layer which of the L
     */
    static void choice(FloatArray scores, FloatArray bias, IntArray layer, IntArray shape, FloatArray choice) {
        for (@Parallel int e = 0; e < shape.get(1); e++) {
            for (@Parallel int t = 0; t < shape.get(0); t++) {
                float sum = scores.get(t * shape.get(1) + e) + bias.get(layer.get(0) * shape.get(1) + e);
                choice.set(t * shape.get(1) + e, Float.isNaN(sum) ? -Float.MAX_VALUE : sum);
            }
        }
    }

    /**
     * The worth of every group.
     *
     * @param groupScores {@code [T, E / groupSize]}
     * @param twoBest 1 for the sum of the two largest, else the largest
     */
    static void groupScores(FloatArray choice, IntArray shape, FloatArray groupScores, int groupSize,
            int twoBest) {
        for (@Parallel int g = 0; g < shape.get(0) * shape.get(1) / groupSize; g++) {
            float first = -Float.MAX_VALUE;
            float second = -Float.MAX_VALUE;
            for (int i = 0; i < groupSize; i++) {
                float value = choice.get(g * groupSize + i);
                second = TornadoMath.max(second, TornadoMath.min(first, value));
                first = TornadoMath.max(first, value);
            }
            float score = first;
            if (twoBest == 1) {
                score = first + second;
            }
            groupScores.set(g, score);
        }
    }

    /** Makes the experts outside of the best {@code kept} groups the least. */
    static void keepGroups(FloatArray choice, FloatArray groupScores, IntArray shape, FloatArray allowed,
            int groupSize, int kept) {
        for (@Parallel int e = 0; e < shape.get(1); e++) {
            for (@Parallel int t = 0; t < shape.get(0); t++) {
                int groups = shape.get(1) / groupSize;
                int group = e / groupSize;
                float score = groupScores.get(t * groups + group);
                int rank = 0;
                for (int g = 0; g < group; g++) {
                    if (groupScores.get(t * groups + g) >= score) {
                        rank++;
                    }
                }
                for (int g = group + 1; g < groups; g++) {
                    if (groupScores.get(t * groups + g) > score) {
                        rank++;
                    }
                }
                float value = -Float.MAX_VALUE;
                if (rank < kept) {
                    value = choice.get(t * shape.get(1) + e);
                }
                allowed.set(t * shape.get(1) + e, value);
            }
        }
    }

    /**
     * Every expert counts those before it, and takes its place if that is one of the first {@code topK}.
     *
     * @param ids {@code [T, k]}
     * @param chosen {@code [T, k]}, scores of the chosen
     */
    static void topK(FloatArray choice, FloatArray scores, IntArray shape, IntArray ids, FloatArray chosen,
            int topK) {
        for (@Parallel int e = 0; e < shape.get(1); e++) {
            for (@Parallel int t = 0; t < shape.get(0); t++) {
                int first = t * shape.get(1);
                float value = choice.get(first + e);
                int rank = 0;
                for (int f = 0; f < e; f++) {
                    if (choice.get(first + f) >= value) {
                        rank++;
                    }
                }
                for (int f = e + 1; f < shape.get(1); f++) {
                    if (choice.get(first + f) > value) {
                        rank++;
                    }
                }
                if (rank < topK) {
                    ids.set(t * topK + rank, e);
                    chosen.set(t * topK + rank, scores.get(first + e));
                }
            }
        }
    }

    /**
     * From the scores of the chosen to their weights.
     *
     * @param chosen {@code [T, k]}
     * @param weights {@code [T, k]}
     */
    static void weights(FloatArray chosen, IntArray shape, FloatArray weights, int topK, int normalize, float added,
            float least, float scalingFactor) {
        for (@Parallel int slot = 0; slot < shape.get(0) * topK; slot++) {
            int first = slot / topK * topK;
            float sum = 0.0f;
            for (int j = 0; j < topK; j++) {
                sum += chosen.get(first + j);
            }
            float divisor = 1.0f;
            if (normalize == 1) {
                divisor = TornadoMath.max(sum + added, least);
            }
            if (divisor == 0.0f) {
                divisor = 1.0f;
            }
            weights.set(slot, chosen.get(slot) / divisor * scalingFactor);
        }
    }

    /**
     * {@link TopKWeights.SparseMixer}.
     *
     * @param ids {@code [T, k]}
     * @param weights {@code [T, k]}
     */
    static void sparseMixer(FloatArray logits, IntArray ids, IntArray shape, FloatArray weights, int topK, float within,
            float scalingFactor) {
        for (@Parallel int slot = 0; slot < shape.get(0) * topK; slot++) {
            int token = slot / topK;
            int row = token * shape.get(1);
            float choice = logits.get(row + ids.get(slot));
            float sum = 0.0f;
            for (int e = 0; e < shape.get(1); e++) {
                float logit = logits.get(row + e);
                float share = TornadoMath.exp(logit - choice);
                if (choice - logit > within * TornadoMath.max(TornadoMath.abs(logit), choice)) {
                    share = 0.0f;
                }
                for (int j = token * topK; j < slot; j++) {
                    if (ids.get(j) == e) {
                        share = 0.0f;
                    }
                }
                sum += share;
            }
            weights.set(slot, scalingFactor / sum);
        }
    }
}
