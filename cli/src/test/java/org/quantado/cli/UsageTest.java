package org.quantado.cli;

import static org.assertj.core.api.Assertions.assertThat;

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
    void folderIsMissing() {
        CommandRun.of("inspect").assertFailedWith(ExitCode.BAD_USAGE, "DIR", "quantado inspect --help");
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
    @ValueSource(strings = {"bench", "chat", "demo", "devices", "eval", "generate", "inspect", "quantize", "run",
            "verify"})
    void everyCommandHasHelp(String command) {
        CommandRun run = CommandRun.of(command, "--help");
        assertThat(run.exitCode()).isEqualTo(ExitCode.DONE);
        assertThat(run.out()).contains("quantado " + command, "--json", "--stacktrace", "Exit codes:");
        assertThat(run.err()).isEmpty();
    }
}
