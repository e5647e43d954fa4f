package org.quantado.cli.report;

import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;

import org.quantado.schemes.cluster.WorkerRate;

/**
 * What a process of a cluster did.
 *
 * @param name with that of its machine
 * @param tasks that it did
 * @param tokens that it gave, or predicted
 * @param tokensPerSecond of its tasks
 */
public record TokenRate(String name, int tasks, long tokens, double tokensPerSecond) {
    /** One for each process. */
    public static List<TokenRate> of(List<WorkerRate> rates) {
        return rates.stream()
                .map(rate -> new TokenRate(rate.worker(), rate.tasks(), rate.work(), rate.perSecond())).toList();
    }

    /** Prints a row for each process. */
    public static void print(List<TokenRate> rates, PrintWriter out) {
        Table table = new Table("executor", "tasks", "tokens", "tokens/s");
        rates.forEach(rate -> table.row(rate.name, rate.tasks, rate.tokens,
                String.format(Locale.ROOT, "%.1f", rate.tokensPerSecond)));
        table.print(out);
    }
}
