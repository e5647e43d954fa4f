package org.quantado.schemes.gptq;

import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.quantado.kernels.hessian.ErrorFeedback;
import org.quantado.kernels.hessian.Hessian;
import org.quantado.schemes.quantize.BlockOfColumn;
import org.quantado.schemes.quantize.FloatWeight;
import org.quantado.schemes.quantize.Grid;
import org.quantado.schemes.quantize.QuantizeException;
import org.quantado.schemes.quantize.RoundedWeight;
import org.quantado.schemes.quantize.WeightRounding;

/**
 * Rounds weights by GPTQ (Frantar et al. 2022, arXiv 2210.17323) as llm-compressor does: scales are found first, of the
 * weight as it is; then column after column is rounded to nearest, after what the errors of those before it have moved it
 * by. Layers that share a Hessian share its factor, if they come one after another. Not thread-safe.
 *
 * <pre>{@code
 * Gptq gptq = new Gptq(GptqOptions.DEFAULT, progress::warn);
 * GptqWeight weight = gptq.quantize(floats, rounding, hessian);
 * QuantizedWeight tensors = weight.rounded().write(layer, group, floats, arena);
 * }</pre>
 */
public final class Gptq {
    /** How often a Hessian that is not positive definite is dampened further, ten times as much each time. */
    private static final int FURTHER = 6;

    private static final double TIMES = 10;

    private final GptqOptions options;
    private final Consumer<String> warnings;
    private Optional<Damped> latest = Optional.empty();

    /** @param warnings told in a sentence what was done otherwise than asked, with the name of the layer */
    public Gptq(GptqOptions options, Consumer<String> warnings) {
        this.options = options;
        this.warnings = warnings;
    }

    /**
     * Rounds a weight. Where its layer saw no tokens, to nearest.
     *
     * @param weight {@code [N, K]}
     * @param rounding to which values, and in which order of columns
     * @param hessian of the layer's inputs
     * @throws QuantizeException if a weight or an input is not finite
     * @throws IllegalArgumentException if the Hessian is of another number of inputs
     */
    public GptqWeight quantize(FloatWeight weight, WeightRounding rounding, Hessian hessian) {
        requireFits(weight, hessian);
        if (hessian.isEmpty()) {
            warnings.accept("layer " + weight.name() + " saw no tokens: its weight is rounded to nearest");
            return new GptqWeight(toNearest(weight, rounding), OptionalDouble.empty(), 0);
        }
        RoundingOrder order = RoundingOrder.of(weight, rounding, hessian);
        Damped damped = damped(weight, hessian, order.columns());
        Rounder rounder = new Rounder(rounding, order, weight.rows());
        double loss = new ColumnLoop(weight, order.columns(), hessian, damped.feedback).run(rounder);
        return new GptqWeight(rounder.rounded(), OptionalDouble.of(loss), damped.share);
    }

    /**
     * {@code trace((W - Q) H (W - Q)^T) / 2} of a weight that was rounded in any way, such as to nearest, with the same
     * dampened Hessian as {@link GptqWeight#loss}. It takes as long as rounding.
     *
     * @return empty where the layer saw no tokens
     */
    public OptionalDouble loss(FloatWeight weight, RoundedWeight rounded, Hessian hessian) {
        requireFits(weight, hessian);
        if (hessian.isEmpty()) {
            return OptionalDouble.empty();
        }
        int[] columns = RoundingOrder.columns(rounded.rounding(), hessian);
        byte[][] codes = IntStream.range(0, weight.rows()).parallel().mapToObj(rounded.codes()).toArray(byte[][]::new);
        Grid grid = rounded.rounding().grid();
        return OptionalDouble.of(new ColumnLoop(weight, columns, hessian, damped(weight, hessian, columns).feedback)
                .run((row, column, target) -> {
                    int block = rounded.blocks().block(row, column);
                    return grid.decode(codes[row][column], rounded.scales().scale(block),
                            rounded.scales().zeroPoint(block));
                }));
    }

    private static void requireFits(FloatWeight weight, Hessian hessian) {
        if (hessian.columns() != weight.columns()) {
            throw new IllegalArgumentException(weight.name() + ": a Hessian of " + hessian.columns()
                    + " inputs for a weight of [" + weight.rows() + ", " + weight.columns() + "]");
        }
        if (!Double.isFinite(hessian.meanCurvature())) {
            throw weight.error("inputs that are not finite, or whose squares are not", "finite inputs");
        }
    }

    private Damped damped(FloatWeight weight, Hessian hessian, int[] columns) {
        return latest.filter(earlier -> earlier.isOf(hessian, columns))
                .orElseGet(() -> factor(weight.name(), hessian, columns));
    }

    @SuppressWarnings("ArrayRecordComponent") // nobody compares them
    private record Damped(Hessian hessian, int[] columns, ErrorFeedback feedback, double share) {
        /** A Hessian is another one as soon as something is added to it. */
        @SuppressWarnings("ReferenceEquality")
        boolean isOf(Hessian other, int[] otherColumns) {
            return hessian == other && Arrays.equals(columns, otherColumns);
        }
    }

    private Damped factor(String layer, Hessian hessian, int[] columns) {
        latest = Optional.empty();
        double share = options.dampening();
        for (int attempt = 0; attempt <= FURTHER; attempt++) {
            Optional<ErrorFeedback> feedback = ErrorFeedback.of(hessian, columns, share * hessian.meanCurvature(),
                    options.blockSize());
            if (feedback.isPresent()) {
                Damped damped = new Damped(hessian, columns, feedback.get(), share);
                latest = Optional.of(damped);
                return damped;
            }
            double further = Math.max(share * TIMES, GptqOptions.DEFAULT.dampening());
            warnings.accept("layer " + layer + ": its Hessian is not positive definite with a dampening of " + share
                    + ", which is raised to " + further);
            share = further;
        }
        throw new QuantizeException(
                layer + ": found a Hessian that no dampening makes positive definite, expected one of"
                        + " finite inputs");
    }

    /** With the groups of columns that its scheme asks for: those of columns that follow each other. */
    private static RoundedWeight toNearest(FloatWeight weight, WeightRounding rounding) {
        RoundedWeight nearest = rounding.toNearest(weight, weight.columns());
        BlockOfColumn blocks = nearest.blocks();
        return new RoundedWeight(rounding, nearest.scales(),
                rounding.scheme().hasGroupIndex() ? blocks.withGroups(blocks::tile) : blocks, nearest.codes());
    }
}
