package org.quantado.cli.text;

import org.quantado.cli.report.Output;
import org.quantado.models.generate.Listener;

/**
 * Prints an answer to stdout as it comes, unless that is JSON; Ctrl-C stops it.
 *
 * @param output of the command
 * @param interrupt that is watched
 */
public record AnswerPrinter(Output output, Interrupt interrupt) implements Listener {
    @Override
    public void text(String piece) {
        if (!output.isJson()) {
            output.out().print(piece);
            output.out().flush();
        }
    }

    /** Ends the line of the answer. */
    public void end() {
        if (!output.isJson()) {
            output.out().println();
            output.out().flush();
        }
    }

    @Override
    public boolean isCancelled() {
        return interrupt.isRequested();
    }
}
