package org.quantado.cli.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ProgressTest {
    private static final String COLUMNS = "quantado.columns";

    private final PrintStream before = System.err;

    @AfterEach
    void restore() {
        System.setErr(before);
        System.clearProperty(Progress.TERMINAL_PROPERTY);
        System.clearProperty(COLUMNS);
    }

    @ParameterizedTest
    @ValueSource(ints = {60, 80, 133})
    void barIsAsWideAsTheTerminal(int columns) {
        ByteArrayOutputStream shown = new ByteArrayOutputStream();
        System.setErr(new PrintStream(shown, true, StandardCharsets.UTF_8));
        System.setProperty(Progress.TERMINAL_PROPERTY, "true");
        System.setProperty(COLUMNS, String.valueOf(columns));
        try (Progress progress = Progress.startBytes("Quantizing", 4_000_000)) {
            progress.step(1_000_000);
        }
        List<String> lines = List.of(shown.toString(StandardCharsets.UTF_8).split("[\r\n]+"));
        assertThat(lines).anyMatch(line -> line.contains("Quantizing") && line.length() == columns - 1)
                .noneMatch(line -> line.strip().length() >= columns);
    }
}
