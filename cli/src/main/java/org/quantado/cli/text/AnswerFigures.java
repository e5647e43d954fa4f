package org.quantado.cli.text;

import java.util.Locale;

import org.quantado.cli.report.Millis;
import org.quantado.cli.report.Names;
import org.quantado.models.LanguageModel;
import org.quantado.models.generate.Answer;

/**
 * What an answer took.
 *
 * @param end why there is no more: stop, length, context or cancelled
 * @param promptTokens tokens that were read
 * @param answerTokens tokens of the answer
 * @param firstTokenMillis from the question to the first token
 * @param promptTokensPerSecond how fast the prompt was read
 * @param answerTokensPerSecond how fast the answer came, from its second token on; null if it has none
 * @param weightBytes of the model in the kernels' layout
 * @param cacheBytes of keys and values, for the whole context
 * @param context tokens that there is room for
 * @param seed with which the same answer comes again; null where nothing was drawn
 */
public record AnswerFigures(String end, int promptTokens, int answerTokens, double firstTokenMillis,
        double promptTokensPerSecond, Double answerTokensPerSecond, long weightBytes, long cacheBytes, int context,
        Long seed) {
    private static final double MILLION = 1e6;
    private static final double MILLIS_PER_SECOND = 1e3;

    /** Those of an answer of a model. */
    public static AnswerFigures of(Answer answer, LanguageModel model) {
        Answer.Times times = answer.times();
        return new AnswerFigures(Names.of(answer.end()), times.promptTokens(), times.answerTokens(),
                Millis.of(times.firstNanos()), times.promptRate(),
                times.answerTokens() > 1 ? times.answerRate() : null, model.weightBytes(), model.cacheBytes(1),
                model.context(), answer.seed().isPresent() ? answer.seed().getAsLong() : null);
    }

    /** One line for people. */
    public String line() {
        return String.format(Locale.ROOT, "prompt %d tokens, first token after %.2f s (%.1f tokens/s)", promptTokens,
                firstTokenMillis / MILLIS_PER_SECOND, promptTokensPerSecond)
                + String.format(Locale.ROOT, "; answer %d tokens", answerTokens)
                + (answerTokensPerSecond == null
                        ? ""
                        : String.format(Locale.ROOT, ", %.1f tokens/s", answerTokensPerSecond))
                + switch (end) {
                    case "length" -> ", as many as were asked for";
                    case "context" -> ", until the context of " + context + " tokens was full";
                    case "cancelled" -> ", interrupted";
                    default -> "";
                }
                + String.format(Locale.ROOT, "; weights %.1f MB, cache %.1f MB", weightBytes / MILLION,
                        cacheBytes / MILLION)
                + (seed == null ? "" : "; seed " + seed);
    }
}
