package org.quantado.cli.quantize;

import java.nio.file.Path;
import java.util.List;

import org.quantado.cli.report.Progress;
import org.quantado.models.ModelOptions;
import org.quantado.models.TextModel;
import org.quantado.models.evaluate.Comparison;
import org.quantado.models.evaluate.Evaluation;
import org.quantado.models.generate.TokenSequence;

/**
 * What a model lost by being quantized, on samples that it was not calibrated on.
 *
 * @param samples how many
 * @param predicted tokens that were predicted
 * @param perplexityBefore of the model that was quantized
 * @param perplexityAfter of the quantized one
 * @param meanDivergence mean Kullback-Leibler divergence of the latter from the former, in nats
 * @param agreement part of the predictions in which both find the same token most likely
 */
record Loss(int samples, int predicted, double perplexityBefore, double perplexityAfter, double meanDivergence,
        double agreement) {
    /** Runs both models, which takes the memory of both. */
    static Loss measure(Path before, Path after, List<int[]> samples) {
        int longest = samples.stream().mapToInt(ids -> ids.length).max().orElseThrow();
        ModelOptions options = ModelOptions.USUAL.withContext(longest);
        try (TextModel quantized = TextModel.open(after, options);
                TextModel original = TextModel.open(before, options);
                TokenSequence sequence = quantized.sequence();
                TokenSequence reference = original.sequence();
                Progress progress = Progress.start("Comparing",
                        samples.stream().mapToLong(ids -> ids.length - 1L).sum())) {
            Comparison found = Evaluation.compare(sequence, reference, samples, progress::step);
            return new Loss(samples.size(), found.model().predicted(), found.reference().perplexity(),
                    found.model().perplexity(), found.meanDivergence(), found.agreement());
        }
    }
}
