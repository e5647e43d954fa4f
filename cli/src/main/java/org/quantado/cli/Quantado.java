package org.quantado.cli;

import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Callable;

import org.quantado.cli.bench.BenchCommand;
import org.quantado.cli.chat.ChatCommand;
import org.quantado.cli.completion.CompletionCommand;
import org.quantado.cli.convert.ConvertCommand;
import org.quantado.cli.demo.DemoCommand;
import org.quantado.cli.devices.DevicesCommand;
import org.quantado.cli.download.DownloadCommand;
import org.quantado.cli.eval.EvalCommand;
import org.quantado.cli.generate.GenerateCommand;
import org.quantado.cli.inspect.InspectCommand;
import org.quantado.cli.quantize.QuantizeCommand;
import org.quantado.cli.report.ExitCode;
import org.quantado.cli.report.FailureHandler;
import org.quantado.cli.report.Version;
import org.quantado.cli.run.RunCommand;
import org.quantado.cli.serve.ServeCommand;
import org.quantado.cli.verify.VerifyCommand;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** The {@code quantado} command. */
@Command(name = "quantado", mixinStandardHelpOptions = true, version = Version.TEXT, scope = ScopeType.INHERIT, description = "Quantized inference for Java, on any GPU that TornadoVM reaches.", usageHelpAutoWidth = true, sortOptions = false, subcommands = {
        BenchCommand.class, ChatCommand.class, CompletionCommand.class, ConvertCommand.class, DemoCommand.class,
        DevicesCommand.class, DownloadCommand.class,
        EvalCommand.class, GenerateCommand.class, InspectCommand.class, QuantizeCommand.class, RunCommand.class,
        ServeCommand.class, VerifyCommand.class}, footer = {"", "Example:", "  quantado demo", "", ExitCode.HELP})
public final class Quantado implements Callable<Integer> {
    @Option(names = "--stacktrace", scope = ScopeType.INHERIT, description = "Show where an error comes from.")
    private boolean stacktrace;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        throw new ParameterException(spec.commandLine(), "a command is missing: "
                + String.join(", ", spec.subcommands().keySet()));
    }

    /** The command line, which prints to the given places. */
    static CommandLine commandLine(PrintWriter out, PrintWriter err) {
        Quantado program = new Quantado();
        FailureHandler failures = new FailureHandler(() -> program.stacktrace);
        return new CommandLine(program).setOut(out).setErr(err).setExecutionStrategy(failures)
                .setExecutionExceptionHandler(failures)
                .setParameterExceptionHandler(failures)
                .setCaseInsensitiveEnumValuesAllowed(true);
    }

    /** Runs a command and ends the process with its exit code. What libraries print goes to stderr. */
    public static void main(String[] arguments) {
        PrintWriter out = writer(System.out);
        System.setOut(System.err);
        System.exit(commandLine(out, writer(System.err)).execute(arguments));
    }

    /** A locale that knows ASCII only is one that nobody set. */
    private static PrintWriter writer(PrintStream stream) {
        boolean isAscii = stream.charset().equals(StandardCharsets.US_ASCII);
        return new PrintWriter(stream, false, isAscii ? StandardCharsets.UTF_8 : stream.charset());
    }
}
