package org.quantado.cli.report;

import java.util.Map;
import java.util.function.BooleanSupplier;

import picocli.CommandLine;
import picocli.CommandLine.ExecutionException;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.IExecutionStrategy;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.RunLast;

/** Turns whatever a command throws into one line on stderr and an exit code. */
public final class FailureHandler
        implements
            IExecutionStrategy,
            IExecutionExceptionHandler,
            IParameterExceptionHandler {
    private static final String PROGRAM = "quantado: ";

    private final BooleanSupplier wantsStackTrace;

    /** @param wantsStackTrace asked after the command line is parsed: whether an error shows where it comes from */
    public FailureHandler(BooleanSupplier wantsStackTrace) {
        this.wantsStackTrace = wantsStackTrace;
    }

    /** Errors, such as the lack of memory, pass picocli by. */
    @Override
    @SuppressWarnings("PMD.AvoidCatchingThrowable")
    public int execute(ParseResult parsed) throws ExecutionException {
        try {
            return new RunLast().execute(parsed);
        } catch (Error e) {
            return report(e, parsed.commandSpec().commandLine(), parsed);
        }
    }

    @Override
    public int handleExecutionException(Exception e, CommandLine command, ParseResult parsed) {
        return report(e, command, parsed);
    }

    @Override
    public int handleParseException(ParameterException e, String[] arguments) {
        CommandLine command = e.getCommandLine();
        printLine(command, e.getMessage().lines().findFirst().orElse("bad usage") + " (see "
                + command.getCommandSpec().qualifiedName() + " --help)");
        return ExitCode.BAD_USAGE;
    }

    private int report(Throwable thrown, CommandLine command, ParseResult parsed) {
        Failure failure = Failure.of(thrown);
        if (wantsJson(parsed)) {
            Json.write(command.getOut(), Map.of("error", failure.message()));
        }
        printLine(command, failure.message());
        if (wantsStackTrace.getAsBoolean()) {
            thrown.printStackTrace(command.getErr());
            command.getErr().flush();
        }
        return failure.exitCode();
    }

    private static boolean wantsJson(ParseResult parsed) {
        return parsed.hasSubcommand()
                ? wantsJson(parsed.subcommand())
                : parsed.hasMatchedOption(Output.JSON);
    }

    /** Prints one line for the user to stderr. */
    static void printLine(CommandLine command, String message) {
        command.getErr().println(PROGRAM + message);
        command.getErr().flush();
    }
}
