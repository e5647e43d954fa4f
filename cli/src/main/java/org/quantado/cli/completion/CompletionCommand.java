package org.quantado.cli.completion;

import java.io.PrintWriter;
import java.util.concurrent.Callable;

import org.quantado.cli.report.ExitCode;

import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Prints a script for a shell. */
@Command(name = "completion", description = "Print a script by which a shell completes commands, options and their values.", footer = {
        "", "Examples:", "  source <(quantado completion bash)      # also in ~/.bashrc",
        "  quantado completion fish > ~/.config/fish/completions/quantado.fish", "", ExitCode.HELP})
public final class CompletionCommand implements Callable<Integer> {
    @Parameters(paramLabel = "SHELL", description = "One of ${COMPLETION-CANDIDATES}.")
    private Shell shell;

    @Spec
    private CommandSpec spec;

    /** Shells that there are scripts for. */
    private enum Shell {
        BASH, ZSH, FISH
    }

    @Override
    public Integer call() {
        CommandLine program = spec.root().commandLine();
        PrintWriter out = spec.commandLine().getOut();
        out.print(switch (shell) {
            case BASH -> AutoComplete.bash(program.getCommandName(), program);
            // picocli's script is for both, and begins with what zsh needs to run it
            case ZSH -> "autoload -U +X compinit && compinit\n" + AutoComplete.bash(program.getCommandName(), program);
            case FISH -> FishScript.of(program);
        });
        out.flush();
        return ExitCode.DONE;
    }
}
