package org.quantado.cli.report;

import java.io.PrintWriter;

import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** How a command says what it found. */
public final class Output {
    static final String JSON = "--json";

    @Option(names = JSON, description = "Print one JSON object on stdout, and nothing else there.")
    private boolean json;

    @Spec(Spec.Target.MIXEE)
    private CommandSpec command;

    /** Prints a report, as JSON or for people. */
    public void print(Report report) {
        if (json) {
            Json.write(command.commandLine().getOut(), report);
        } else {
            PrintWriter out = new PrintWriter(new PlainWriter(command.commandLine().getOut()));
            report.print(out);
            out.flush();
        }
    }

    /** Whether one JSON object is all that may be printed to stdout. */
    public boolean isJson() {
        return json;
    }

    /** Where text goes that is printed as it comes. */
    public PrintWriter out() {
        return command.commandLine().getOut();
    }

    /** Prints a line to stderr that is of interest beside the result. */
    public void note(String line) {
        command.commandLine().getErr().println(line);
        command.commandLine().getErr().flush();
    }

    /** Prints a line to stderr on what the user should know, although nothing is wrong. */
    public void warn(String message) {
        complain("warning: " + message);
    }

    /** Prints a line to stderr that says what is wrong. */
    public void complain(String message) {
        FailureHandler.printLine(command.commandLine(), message);
    }
}
