package org.quantado.cli.text;

import org.quantado.cli.report.Output;
import org.quantado.cli.report.Progress;
import org.quantado.models.generate.Listener;

/**
 * Prints an answer to stdout as it comes, unless that is JSON; until then it shows how much of a long prompt is read. Ctrl-C
 * stops both.
 */
public final class AnswerPrinter implements Listener, AutoCloseable {
    private final Output output;
    private final Interrupt interrupt;
    private Progress progress;
    private int read;

    /**
     * @param output of the command
     * @param interrupt that is watched
     */
    public AnswerPrinter(Output output, Interrupt interrupt) {
        this.output = output;
        this.interrupt = interrupt;
    }

    @Override
    public void promptRead(int tokens, int all) {
        if (progress == null) {
            progress = Progress.start("Reading the prompt", all);
        }
        progress.step(tokens - read);
        read = tokens;
    }

    @Override
    public void text(String piece) {
        close();
        if (!output.isJson()) {
            output.out().print(piece);
            output.out().flush();
        }
    }

    /** Ends the line of the answer. */
    public void end() {
        close();
        if (!output.isJson()) {
            output.out().println();
            output.out().flush();
        }
    }

    @Override
    public boolean isCancelled() {
        return interrupt.isRequested();
    }

    /** Stops to show how much of the prompt is read. */
    @Override
    public void close() {
        if (progress != null) {
            progress.close();
            progress = null;
        }
    }
}
