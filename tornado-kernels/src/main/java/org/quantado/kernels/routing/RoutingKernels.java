package org.quantado.kernels.routing;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * The kernel of {@link TopKRouter}: from logits to the experts of every token, and the slots brought together by expert.
 * What it is told by {@code rule} and {@code numbers} is at the places that the constants here name.
 */
final class RoutingKernels {
    /** Whether scores are softmax, 1, or sigmoid, 0. */
    static final int SOFTMAX = 0;
    /** Whether experts are compared by their logits, 1, or by their scores, 0. */
    static final int BY_LOGITS = 1;
    /** Experts of a group: all where there are no groups. */
    static final int GROUP_SIZE = 2;
    /** Groups that a token chooses from. */
    static final int KEPT_GROUPS = 3;
    /** Whether a group counts as much as its two best experts, 1, or as its best, 0. */
    static final int TWO_BEST = 4;
    /** What becomes of scores: {@link #NORMALIZED} or {@link #SPARSE_MIXER}; else they are the weights. */
    static final int WEIGHTS = 5;
    /** k. */
    static final int TOP_K = 6;
    /** Slots of a block. */
    static final int BLOCK_SIZE = 7;

    static final int NORMALIZED = 1;
    static final int SPARSE_MIXER = 2;

    /** Of {@link TopKWeights.Normalized}. */
    static final int ADDED = 0;
    /** Of {@link TopKWeights.Normalized}. */
    static final int LEAST = 1;
    /** Of {@link TopKWeights.SparseMixer}. */
    static final int WITHIN = 2;
    static final int SCALING_FACTOR = 3;

    private RoutingKernels() {
    }

    /**
     * Chooses experts and fills buckets, by one work-group: a work-item for each token, and then for each expert.
     *
     * @param logits {@code [T, E]}
     * @param bias {@code [layers * E]}, added to what experts are compared by
     * @param layer which of the layers
     * @param shape T and E
     * @param best {@code [T, groups + k]}, what the groups and the chosen are compared by
     * @param ids {@code [T, k]}
     * @param weights {@code [T, k]}
     * @param expertMap as those after it: see {@link BucketKernels}
     */
    static void route(KernelContext context, FloatArray logits, FloatArray bias, IntArray layer, IntArray shape,
            IntArray rule, FloatArray numbers, FloatArray best, IntArray ids, FloatArray weights, IntArray expertMap,
            IntArray starts, IntArray slots, IntArray rows, IntArray blockExperts) {
        int item = context.localIdx;
        int items = context.localGroupSizeX;
        int topK = rule.get(TOP_K);
        int groups = shape.get(1) / rule.get(GROUP_SIZE);
        for (int t = item; t < shape.get(0); t += items) {
            int row = t * shape.get(1);
            int firstBias = layer.get(0) * shape.get(1);
            int firstGroup = t * (groups + topK);
            int slot = t * topK;
            float largest = largest(logits, row, rule.get(SOFTMAX) * shape.get(1));
            float sum = sumOfExponentials(logits, row, rule.get(SOFTMAX) * shape.get(1), largest);
            if (groups > 1) {
                scoreGroups(logits, bias, row, firstBias, rule, largest, sum, best, firstGroup, groups);
            }
            for (int e = 0; e < shape.get(1); e++) {
                float value = -Float.MAX_VALUE;
                if (rank(best, firstGroup, groups, e / rule.get(GROUP_SIZE)) < rule.get(KEPT_GROUPS)) {
                    value = compared(logits.get(row + e), bias.get(firstBias + e), rule, largest, sum);
                }
                insert(e, value, best, firstGroup + groups, ids, slot, topK);
            }
            for (int j = 0; j < topK; j++) {
                weights.set(slot + j, score(logits.get(row + ids.get(slot + j)), rule.get(SOFTMAX), largest, sum));
            }
            float divisor = divisor(weights, slot, topK, rule, numbers);
            for (int j = 0; j < topK; j++) {
                float weight = weights.get(slot + j) / divisor;
                if (rule.get(WEIGHTS) == SPARSE_MIXER) {
                    weight = 1.0f / sumOfShares(logits, row, shape.get(1), ids, slot, slot + j, numbers.get(WITHIN));
                }
                weights.set(slot + j, weight * numbers.get(SCALING_FACTOR));
            }
        }
        context.globalBarrier();
        int allSlots = shape.get(0) * topK;
        int experts = BucketKernels.experts(starts);
        for (int expert = item; expert < experts; expert += items) {
            BucketKernels.count(expert, ids, expertMap, allSlots, starts, rule.get(BLOCK_SIZE));
        }
        context.globalBarrier();
        for (int expert = item; expert <= experts; expert += items) {
            BucketKernels.fill(expert, ids, expertMap, allSlots, starts, slots, rows, blockExperts,
                    layer.get(0) * experts, rule.get(BLOCK_SIZE));
        }
    }

    /** The largest logit, of a softmax. */
    private static float largest(FloatArray logits, int row, int experts) {
        float largest = -Float.MAX_VALUE;
        for (int e = 0; e < experts; e++) {
            float logit = logits.get(row + e);
            if (logit > largest) {
                largest = logit;
            }
        }
        return largest;
    }

    /** A NaN or a positive infinity makes it NaN, and so do negative infinities alone make the scores. */
    private static float sumOfExponentials(FloatArray logits, int row, int experts, float largest) {
        float sum = 0.0f;
        for (int e = 0; e < experts; e++) {
            sum += TornadoMath.exp(logits.get(row + e) - largest);
        }
        return sum;
    }

    private static float score(float logit, int softmax, float largest, float sum) {
        float score = 0.0f;
        if (softmax == 1) {
            score = TornadoMath.exp(logit - largest) / sum;
        } else {
            score = 1.0f / (1.0f + TornadoMath.exp(-logit));
        }
        return Float.isNaN(score) ? 0.0f : score;
    }

    /** What an expert is compared by; NaN is the least. */
    private static float compared(float logit, float bias, IntArray rule, float largest, float sum) {
        float value = logit;
        if (rule.get(BY_LOGITS) == 0) {
            value = score(logit, rule.get(SOFTMAX), largest, sum);
        }
        float biased = value + bias;
        return Float.isNaN(biased) ? -Float.MAX_VALUE : biased;
    }

    private static void scoreGroups(FloatArray logits, FloatArray bias, int row, int firstBias, IntArray rule,
            float largest, float sum, FloatArray best, int firstGroup, int groups) {
        int groupSize = rule.get(GROUP_SIZE);
        for (int g = 0; g < groups; g++) {
            float first = -Float.MAX_VALUE;
            float second = -Float.MAX_VALUE;
            for (int i = 0; i < groupSize; i++) {
                int expert = g * groupSize + i;
                float value = compared(logits.get(row + expert), bias.get(firstBias + expert), rule, largest, sum);
                second = TornadoMath.max(second, TornadoMath.min(first, value));
                first = TornadoMath.max(first, value);
            }
            float score = first;
            if (rule.get(TWO_BEST) == 1) {
                score = first + second;
            }
            best.set(firstGroup + g, score);
        }
    }

    /** How many groups come before one. */
    private static int rank(FloatArray best, int firstGroup, int groups, int group) {
        float score = best.get(firstGroup + group);
        int rank = 0;
        for (int g = 0; g < group; g++) {
            if (best.get(firstGroup + g) >= score) {
                rank++;
            }
        }
        for (int g = group + 1; g < groups; g++) {
            if (best.get(firstGroup + g) > score) {
                rank++;
            }
        }
        return rank;
    }

    /** Puts an expert among the best of those before it, behind its equals; the last of them falls out. */
    private static void insert(int expert, float value, FloatArray best, int firstBest, IntArray ids, int slot,
            int topK) {
        int filled = Math.min(expert, topK);
        int place = 0;
        for (int j = 0; j < filled; j++) {
            if (best.get(firstBest + j) >= value) {
                place++;
            }
        }
        for (int j = Math.min(expert, topK - 1); j > place; j--) {
            best.set(firstBest + j, best.get(firstBest + j - 1));
            ids.set(slot + j, ids.get(slot + j - 1));
        }
        if (place < topK) {
            best.set(firstBest + place, value);
            ids.set(slot + place, expert);
        }
    }

    /** What the scores of a token's experts are divided by. */
    private static float divisor(FloatArray scores, int slot, int topK, IntArray rule, FloatArray numbers) {
        float divisor = 1.0f;
        if (rule.get(WEIGHTS) == NORMALIZED) {
            float sum = 0.0f;
            for (int j = 0; j < topK; j++) {
                sum += scores.get(slot + j);
            }
            divisor = TornadoMath.max(sum + numbers.get(ADDED), numbers.get(LEAST));
        }
        return divisor == 0.0f ? 1.0f : divisor;
    }

    /** {@link TopKWeights.SparseMixer}: how many times a choice's share the shares of all are that are near. */
    private static float sumOfShares(FloatArray logits, int row, int experts, IntArray ids, int firstSlot, int slot,
            float within) {
        float choice = logits.get(row + ids.get(slot));
        float sum = 0.0f;
        for (int e = 0; e < experts; e++) {
            float logit = logits.get(row + e);
            float share = TornadoMath.exp(logit - choice);
            if (choice - logit > within * TornadoMath.max(TornadoMath.abs(logit), choice)) {
                share = 0.0f;
            }
            for (int j = firstSlot; j < slot; j++) {
                if (ids.get(j) == e) {
                    share = 0.0f;
                }
            }
            sum += share;
        }
        return sum;
    }
}
