package org.quantado.bench.workloads;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

import org.quantado.kernels.routing.ExpertGroups;
import org.quantado.kernels.routing.ScoreFunction;
import org.quantado.kernels.routing.TopKRouter;
import org.quantado.kernels.routing.TopKWeights;

/**
 * A router in float64, by sorting. It chooses by scores.
 *
 * @param router whose work it does
 * @param bias {@code [E]}, added to the scores when experts are compared; zeros where there is none
 */
@SuppressWarnings("ArrayRecordComponent")
record PlainRouter(TopKRouter router, double[] bias) {
    /**
     * The experts of a token.
     *
     * @param ids {@code [k]}, the best first
     * @param weights {@code [k]}
     */
    @SuppressWarnings("ArrayRecordComponent")
    record Choice(int[] ids, double[] weights) {
    }

    /** A router without a bias. */
    static PlainRouter of(TopKRouter router) {
        return new PlainRouter(router, new double[router.experts()]);
    }

    /** @param logits {@code [E]}, of one token */
    Choice choose(double[] logits) {
        double[] scores = scores(logits);
        double[] compared = IntStream.range(0, scores.length).mapToDouble(e -> scores[e] + bias[e]).toArray();
        List<Integer> allowed = router.groups().map(groups -> bestGroups(compared, groups))
                .orElseGet(() -> range(0, scores.length));
        int[] ids = allowed.stream().sorted(best(compared)).limit(router.topK()).mapToInt(Integer::intValue).toArray();
        double sum = router.weights().equals(TopKWeights.NORMALIZED)
                ? Arrays.stream(ids).mapToDouble(e -> scores[e]).sum()
                : 1;
        return new Choice(ids, Arrays.stream(ids).mapToDouble(e -> scores[e] / sum * router.scalingFactor()).toArray());
    }

    private double[] scores(double[] logits) {
        if (router.scores() == ScoreFunction.SIGMOID) {
            return Arrays.stream(logits).map(logit -> 1 / (1 + Math.exp(-logit))).toArray();
        }
        double largest = Arrays.stream(logits).max().orElseThrow();
        double sum = Arrays.stream(logits).map(logit -> Math.exp(logit - largest)).sum();
        return Arrays.stream(logits).map(logit -> Math.exp(logit - largest) / sum).toArray();
    }

    /** The experts of the groups whose two best experts are worth most together. */
    private static List<Integer> bestGroups(double[] compared, ExpertGroups groups) {
        int size = compared.length / groups.count();
        double[] worth = IntStream.range(0, groups.count())
                .mapToDouble(g -> range(g * size, size).stream().sorted(best(compared)).limit(2)
                        .mapToDouble(e -> compared[e]).sum())
                .toArray();
        return range(0, groups.count()).stream().sorted(best(worth)).limit(groups.kept())
                .flatMap(g -> range(g * size, size).stream()).collect(Collectors.toList());
    }

    private static Comparator<Integer> best(double[] values) {
        return Comparator.comparingDouble((Integer i) -> -values[i]).thenComparingInt(i -> i);
    }

    private static List<Integer> range(int first, int count) {
        return IntStream.range(first, first + count).boxed().toList();
    }
}
