package org.quantado.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.Writer;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.quantado.cli.report.ExitCode;

class UsageTest {
    @Test
    void commandIsMissing() {
        CommandRun.of().assertFailedWith(ExitCode.BAD_USAGE, "a command is missing", "demo", "verify");
    }

    @Test
    void commandIsUnknown() {
        CommandRun.of("inspekt", "x").assertFailedWith(ExitCode.BAD_USAGE, "inspekt");
    }

    @Test
    void misspelledNamesAreAnsweredWithTheOnesThatWereMeant() {
        CommandRun.of("inspekt", "x").assertFailedWith(ExitCode.BAD_USAGE, "did you mean inspect?");
        CommandRun.of("devices", "--jsn").assertFailedWith(ExitCode.BAD_USAGE, "did you mean --json?");
        CommandRun.of("bench", "--fromat=mxfp4").assertFailedWith(ExitCode.BAD_USAGE, "did you mean --format?");
        CommandRun.of("quantize", "in", "out", "--preset", "NVFP4A1").assertFailedWith(ExitCode.BAD_USAGE,
                "did you mean NVFP4A16?");
        assertThat(CommandRun.of("xyz").err()).doesNotContain("did you mean");
    }

    @Test
    void everyHelpHasAnExample() {
        Quantado.commandLine(new PrintWriter(Writer.nullWriter()), new PrintWriter(Writer.nullWriter()))
                .getSubcommands().keySet()
                .forEach(command -> assertThat(CommandRun.of(command, "-h").out()).as(command)
                        .containsPattern("Examples?:\\R  .*quantado " + command).contains("Exit codes:"));
        assertThat(CommandRun.of("-h").out()).contains("Example:", "quantado demo");
    }

    @Test
    void shellsCompleteCommandsAndOptions() {
        assertThat(CommandRun.of("completion", "bash").out()).contains("complete -F", "quantize", "--preset");
        assertThat(CommandRun.of("completion", "zsh").out()).contains("compinit", "complete -F", "--preset");
        assertThat(CommandRun.of("completion", "fish").out().lines())
                .allMatch(line -> line.startsWith("complete -c quantado "))
                .anyMatch(line -> line.contains("-a quantize -d"))
                .anyMatch(line -> line.contains("__fish_seen_subcommand_from quantize") && line.contains("-l preset -r")
                        && line.contains("NVFP4A16"))
                .anyMatch(line -> line.contains("-l flavour") && line.contains("portable"))
                .anyMatch(line -> line.contains("from completion' -f -a 'bash zsh fish'"));
        CommandRun.of("completion", "tcsh").assertFailedWith(ExitCode.BAD_USAGE, "tcsh");
    }

    @Test
    void folderIsMissing() {
        CommandRun.of("inspect").assertFailedWith(ExitCode.BAD_USAGE, "MODEL", "quantado inspect --help");
    }

    @Test
    void optionIsUnknown() {
        CommandRun.of("devices", "--jsn").assertFailedWith(ExitCode.BAD_USAGE, "--jsn");
    }

    @Test
    void unknownFlavourIsAnsweredWithTheKnownOnes() {
        CommandRun.of("devices", "--flavour", "spicy").assertFailedWith(ExitCode.BAD_USAGE, "--flavour", "spicy",
                "PORTABLE");
    }

    @Test
    void unknownOnlineFormatIsAnsweredWithTheKnownOnes() {
        CommandRun.of("verify", "x", "--online", "fp3").assertFailedWith(ExitCode.BAD_USAGE, "--online", "fp3",
                "mxfp8", "nvfp4");
    }

    @Test
    void deviceIsNotAPairOfNumbers() {
        CommandRun.of("devices", "--device", "gpu").assertFailedWith(ExitCode.BAD_USAGE, "gpu", "0:0");
    }

    @ParameterizedTest
    @ValueSource(strings = {"bench", "chat", "demo", "devices", "download", "eval", "generate", "inspect", "quantize",
            "run",
            "verify"})
    void everyCommandHasHelp(String command) {
        CommandRun run = CommandRun.of(command, "--help");
        assertThat(run.exitCode()).isEqualTo(ExitCode.DONE);
        assertThat(run.out()).contains("quantado " + command, "--json", "--stacktrace", "Exit codes:");
        assertThat(run.err()).isEmpty();
    }
}
