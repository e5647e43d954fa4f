package org.quantado.cli.report;

import java.util.Map;
import java.util.Set;
import java.util.function.BooleanSupplier;

import org.quantado.schemes.checkpoint.Escaped;
import org.quantado.schemes.checkpoint.NearNames;

import picocli.CommandLine;
import picocli.CommandLine.ExecutionException;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.IExecutionStrategy;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;
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
        printLine(command, e.getMessage().lines().findFirst().orElse("bad usage") + meant(e) + " (see "
                + command.getCommandSpec().qualifiedName() + " --help)");
        return ExitCode.BAD_USAGE;
    }

    /** The option or command that was misspelled, if one is called nearly so. */
    private static String meant(ParameterException e) {
        if (!(e instanceof UnmatchedArgumentException unmatched) || unmatched.getUnmatched().isEmpty()) {
            return "";
        }
        String wrong = unmatched.getUnmatched().getFirst();
        int equals = wrong.indexOf('=');
        CommandSpec command = e.getCommandLine().getCommandSpec();
        Set<String> known = wrong.startsWith("-") ? command.optionsMap().keySet() : command.subcommands().keySet();
        return NearNames.meant(equals < 0 ? wrong : wrong.substring(0, equals), known)
                .map(near -> "; did you mean " + near + "?").orElse("");
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
        command.getErr().println(PROGRAM + Escaped.text(message));
        command.getErr().flush();
    }
}
