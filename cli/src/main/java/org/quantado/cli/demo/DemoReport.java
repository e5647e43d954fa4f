package org.quantado.cli.demo;

import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;

import org.quantado.cli.engine.RunningEngine;
import org.quantado.cli.report.Report;
import org.quantado.cli.report.Table;

/**
 * What came of the demo.
 *
 * @param engine what ran it
 * @param folder where the checkpoints are, if they were kept
 * @param prompt how the stories begin
 * @param predictions that the models were compared on
 * @param results of each form, the unquantized one first
 * @param seconds that it took
 */
record DemoReport(RunningEngine engine, String folder, String prompt, int predictions, List<DemoResult> results,
        double seconds) implements Report {
    private static final double MEGABYTE = 1e6;
    private static final double PERCENT = 100;
    /** Fits a terminal beside the figures. */
    private static final int STORY_LENGTH = 48;

    @Override
    public void print(PrintWriter out) {
        Table table = new Table("preset", "MB", "perplexity", "same token %", "tokens/s", "the story goes on");
        results.forEach(result -> table.row(result.form(), number("%.2f", result.checkpointBytes() / MEGABYTE),
                number("%.4f", result.perplexity()), number("%.1f", result.agreement() * PERCENT),
                number("%.1f", result.tokensPerSecond()), beginning(result.story())));
        table.print(out);
        out.println();
        out.println("Perplexity: among how many tokens the model has to choose, on " + predictions
                + " tokens of stories that it has not seen; same token: how often");
        out.println("it then finds the same token most likely as before quantizing. Router, embedding and norms stay "
                + "as they are. " + number("%.0f s in all", seconds));
        if (folder != null) {
            out.println("The checkpoints are in " + folder);
        }
    }

    private static String beginning(String story) {
        String line = story.replace('\n', ' ').strip();
        return line.length() <= STORY_LENGTH ? line : line.substring(0, line.lastIndexOf(' ', STORY_LENGTH)) + " ...";
    }

    private static String number(String format, double value) {
        return String.format(Locale.ROOT, format, value);
    }
}
