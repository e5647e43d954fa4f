package org.quantado.cli.eval;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

import org.quantado.cli.engine.RunningEngine;
import org.quantado.cli.report.Report;
import org.quantado.cli.report.Table;
import org.quantado.cli.report.TokenRate;
import org.quantado.models.evaluate.Comparison;
import org.quantado.models.evaluate.Comparison.Positions;
import org.quantado.models.evaluate.Likelihood;
import org.quantado.schemes.cluster.WorkerRate;

/**
 * How well a model expects a text.
 *
 * @param model folder
 * @param engine that ran it; null where executors of a cluster did
 * @param text file
 * @param tokens of the text
 * @param windows that it was read in
 * @param predicted tokens that were predicted
 * @param meanNll mean negative logarithm of their probabilities, in nats
 * @param perplexity {@code exp(meanNll)}
 * @param tokensPerSecond how fast it was read
 * @param against how far the model is from another; null if there is none
 * @param workers the processes of a cluster that predicted; none without one
 */
record EvalReport(String model, RunningEngine engine, String text, int tokens, int windows, int predicted,
        double meanNll, double perplexity, double tokensPerSecond, Against against, List<TokenRate> workers)
        implements
            Report {
    private static final double NANOS_PER_SECOND = 1e9;
    private static final double PERCENT = 100;

    /**
     * How far a model is from a reference.
     *
     * @param model folder of the reference
     * @param perplexity of the reference
     * @param meanDivergence mean Kullback-Leibler divergence from the reference, in nats
     * @param agreement part of the predictions in which both find the same token most likely
     * @param positions the same by the number of tokens that are known
     */
    record Against(String model, double perplexity, double meanDivergence, double agreement,
            List<Positions> positions) {
    }

    /** @param start when it began to read, by {@link System#nanoTime} */
    static EvalReport of(Path model, RunningEngine engine, Path text, List<int[]> windows, Likelihood likelihood,
            long start) {
        double seconds = (System.nanoTime() - start) / NANOS_PER_SECOND;
        return new EvalReport(model.toString(), engine, text.toString(),
                windows.stream().mapToInt(window -> window.length).sum(), windows.size(), likelihood.predicted(),
                likelihood.meanNll(), likelihood.perplexity(), likelihood.predicted() / seconds, null,
                List.of());
    }

    EvalReport against(Path other, Comparison comparison) {
        return new EvalReport(model, engine, text, tokens, windows, predicted, meanNll, perplexity, tokensPerSecond,
                new Against(other.toString(), comparison.reference().perplexity(), comparison.meanDivergence(),
                        comparison.agreement(), comparison.positions()),
                workers);
    }

    EvalReport by(List<WorkerRate> processes) {
        return new EvalReport(model, engine, text, tokens, windows, predicted, meanNll, perplexity, tokensPerSecond,
                against, TokenRate.of(processes));
    }

    @Override
    public void print(PrintWriter out) {
        out.printf(Locale.ROOT, "%s on %s%n", model, engine == null ? "a cluster" : engine);
        out.printf(Locale.ROOT, "%s: %d tokens in %d windows, %.1f tokens/s%n", text, tokens, windows,
                tokensPerSecond);
        out.printf(Locale.ROOT, "perplexity %.5f (mean negative log likelihood %.5f of %d predictions)%n", perplexity,
                meanNll, predicted);
        if (against != null) {
            out.printf(Locale.ROOT, "%nagainst %s: perplexity %.5f%n", against.model, against.perplexity);
            out.printf(Locale.ROOT, "mean KL divergence %.6f nats, same most likely token %.2f%%%n%n",
                    against.meanDivergence, against.agreement * PERCENT);
            Table table = new Table("tokens before", "predictions", "KL divergence", "same token %");
            against.positions.forEach(row -> table.row(
                    row.from() == row.to() ? String.valueOf(row.from()) : row.from() + "-" + row.to(),
                    row.predicted(), String.format(Locale.ROOT, "%.6f", row.meanDivergence()),
                    String.format(Locale.ROOT, "%.2f", row.agreement() * PERCENT)));
            table.print(out);
        }
        if (!workers.isEmpty()) {
            out.println();
            TokenRate.print(workers, out);
        }
    }
}
