package org.quantado.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.function.UnaryOperator;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

import picocli.CommandLine;

/**
 * A command that was run in this process.
 *
 * @param exitCode what it returned
 * @param out what it printed to stdout
 * @param err what it printed to stderr
 */
public record CommandRun(int exitCode, String out, String err) {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    public static CommandRun of(Object... arguments) {
        return of(UnaryOperator.identity(), arguments);
    }

    /** @param change of the command line before it is run */
    public static CommandRun of(UnaryOperator<CommandLine> change, Object... arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int exitCode = change.apply(Quantado.commandLine(new PrintWriter(out), new PrintWriter(err)))
                .setOut(new PrintWriter(out)).setErr(new PrintWriter(err))
                .execute(Arrays.stream(arguments).map(String::valueOf).toArray(String[]::new));
        return new CommandRun(exitCode, out.toString(), err.toString());
    }

    /** The one object that stdout must be. */
    public JsonNode json() {
        try (JsonParser parser = MAPPER.createParser(out)) {
            JsonNode json = MAPPER.readTree(parser);
            assertThat(json).isNotNull();
            assertThat(json.isObject()).isTrue();
            assertThat(parser.nextToken()).as("what follows the object").isNull();
            return json;
        } catch (IOException e) {
            throw new UncheckedIOException(out, e);
        }
    }

    /** Fails unless it ended with this exit code and one line on stderr that says all this. */
    public void assertFailedWith(int expectedCode, String... words) {
        assertThat(exitCode).as(err).isEqualTo(expectedCode);
        assertThat(err).startsWith("quantado: ").endsWith(System.lineSeparator()).contains(words);
        assertThat(err.lines()).hasSize(1);
    }
}
