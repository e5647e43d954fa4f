package org.quantado.moe;

import java.util.Arrays;
import java.util.Comparator;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;

/** How families choose experts for one token, in float64, as their modelling code says it. */
@FunctionalInterface
interface Float64Routing {
    /**
     * The choice of a token.
     *
     * @param ids the best first
     * @param weights of each
     */
    @SuppressWarnings("ArrayRecordComponent")
    record Chosen(int[] ids, double[] weights) {
        Chosen times(double factor) {
            return new Chosen(ids, Arrays.stream(weights).map(weight -> weight * factor).toArray());
        }

        /** Divided by their sum, to which something may be added first. */
        Chosen normalized(double added) {
            double sum = Arrays.stream(weights).sum() + added;
            return times(1 / sum);
        }
    }

    /**
     * @param logits {@code [E]}
     * @param bias {@code [E]}, for the choice; zeros where there is none
     */
    Chosen choose(double[] logits, double[] bias);

    /** Softmax over all, and the best of them. */
    static Float64Routing softmax(int topK) {
        return (logits, bias) -> best(softmaxOf(logits), bias, topK, e -> true);
    }

    /** The best, and softmax over them. */
    static Float64Routing softmaxOfBest(int topK) {
        return (logits, bias) -> {
            Chosen best = best(logits, bias, topK, e -> true);
            return new Chosen(best.ids, softmaxOf(best.weights));
        };
    }

    /** Sigmoid of each, the best with the bias. */
    static Float64Routing sigmoid(int topK) {
        return (logits, bias) -> best(sigmoidOf(logits), bias, topK, e -> true);
    }

    /** As {@link #sigmoid}, from the groups whose two best are best together. */
    static Float64Routing groupedSigmoid(int topK, int groups, int kept) {
        return (logits, bias) -> {
            double[] scores = sigmoidOf(logits);
            int size = scores.length / groups;
            double[] ofGroups = IntStream.range(0, groups).mapToDouble(group -> IntStream.range(0, size)
                    .mapToDouble(i -> -scores[group * size + i] - bias[group * size + i]).sorted().limit(2).sum())
                    .map(negative -> -negative).toArray();
            int[] best = best(ofGroups, new double[groups], kept, g -> true).ids;
            return best(scores, bias, topK, e -> Arrays.stream(best).anyMatch(group -> group == e / size));
        };
    }

    /** As {@link #softmax}, from the groups whose best is best. */
    static Float64Routing groupedSoftmax(int topK, int groups, int kept) {
        return (logits, bias) -> {
            double[] scores = softmaxOf(logits);
            int size = scores.length / groups;
            double[] ofGroups = IntStream.range(0, groups).mapToDouble(group -> IntStream.range(0, size)
                    .mapToDouble(i -> scores[group * size + i]).max().orElseThrow()).toArray();
            int[] best = best(ofGroups, new double[groups], kept, g -> true).ids;
            return best(scores, bias, topK, e -> Arrays.stream(best).anyMatch(group -> group == e / size));
        };
    }

    /** PhiMoE's two: each one's share among the logits that are not far below it and not chosen before. */
    static Float64Routing sparseMixer(double jitter) {
        return (logits, bias) -> {
            double[] left = logits.clone();
            int[] ids = new int[2];
            double[] weights = new double[2];
            for (int j = 0; j < 2; j++) {
                double largest = Arrays.stream(left).max().orElseThrow();
                double sum = 0;
                for (int e = 0; e < left.length; e++) {
                    boolean isFar = (largest - logits[e]) / Math.max(Math.abs(logits[e]), largest) > 2 * jitter;
                    sum += isFar ? 0 : Math.exp(left[e] - largest);
                    ids[j] = left[e] == largest ? e : ids[j];
                }
                weights[j] = 1 / sum;
                left[ids[j]] = Double.NEGATIVE_INFINITY;
            }
            return new Chosen(ids, weights);
        };
    }

    private static Chosen best(double[] scores, double[] bias, int topK, IntPredicate allowed) {
        int[] ids = IntStream.range(0, scores.length).filter(allowed).boxed()
                .sorted(Comparator.comparingDouble((Integer e) -> -scores[e] - bias[e])).limit(topK)
                .mapToInt(Integer::intValue).toArray();
        return new Chosen(ids, Arrays.stream(ids).mapToDouble(e -> scores[e]).toArray());
    }

    private static double[] softmaxOf(double[] logits) {
        double sum = Arrays.stream(logits).map(Math::exp).sum();
        return Arrays.stream(logits).map(logit -> Math.exp(logit) / sum).toArray();
    }

    private static double[] sigmoidOf(double[] logits) {
        return Arrays.stream(logits).map(logit -> 1 / (1 + Math.exp(-logit))).toArray();
    }
}
