package org.quantado.cli.generate;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

import org.quantado.cli.report.Report;
import org.quantado.cli.report.TokenRate;
import org.quantado.models.batch.BatchAnswers;

/**
 * What came of a file of prompts.
 *
 * @param model folder
 * @param output file that was written
 * @param prompts how many
 * @param answeredBefore how many an interrupted run had answered
 * @param errors how many have an error for an answer
 * @param tokens of all answers
 * @param seconds of this run
 * @param workers the processes that gave the answers
 */
record BatchReport(String model, String output, int prompts, int answeredBefore, int errors, long tokens,
        double seconds, List<TokenRate> workers) implements Report {
    private static final double MILLIS_PER_SECOND = 1000;

    static BatchReport of(Path model, Path out, BatchAnswers answers, double millis) {
        return new BatchReport(model.toString(), out.toString(), answers.prompts(), answers.answeredBefore(),
                answers.failed(), answers.tokens(), millis / MILLIS_PER_SECOND,
                TokenRate.of(answers.workers()));
    }

    @Override
    public void print(PrintWriter out) {
        out.printf(Locale.ROOT, "%s: %d prompts, %d errors, %d tokens, in %.1f s%n", output, prompts, errors, tokens,
                seconds);
        if (answeredBefore > 0) {
            out.printf("%d prompts were answered before%n", answeredBefore);
        }
        TokenRate.print(workers, out);
    }
}
