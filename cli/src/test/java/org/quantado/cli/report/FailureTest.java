package org.quantado.cli.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.util.concurrent.Callable;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.quantado.cli.CommandRun;
import org.quantado.schemes.checkpoint.CheckpointException;
import org.quantado.schemes.hub.HubException;
import org.quantado.schemes.hub.HubException.Reason;
import org.quantado.schemes.linear.SchemeException;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import uk.ac.manchester.tornado.api.exceptions.TornadoBailoutRuntimeException;
import uk.ac.manchester.tornado.api.exceptions.TornadoOutOfMemoryException;

class FailureTest {
    static Stream<Arguments> throwables() {
        return Stream.of(
                arguments(new CheckpointException("f", "a", "b"), 3, "f: found a, expected b"),
                arguments(new SchemeException("cannot be cut"), 3, "cannot be cut"),
                arguments(new HubException(Reason.USAGE, "no id"), 2, "no id"),
                arguments(new HubException(Reason.NOT_GIVEN, "no such model"), 3, "no such model"),
                arguments(new HubException(Reason.HINDERED, "no network"), 3, "no network"),
                arguments(new HubException(Reason.NOT_TRUSTED, "no hub"), 3, "no hub"),
                arguments(new HubException(Reason.DAMAGED, "wrong sum"), 1, "wrong sum"),
                arguments(new NoSuchFileException("f"), 3, "f: no such file or folder"),
                arguments(new UncheckedIOException(new AccessDeniedException("f")), 3, "f: permission denied"),
                arguments(new FileAlreadyExistsException("f"), 2, "f: already exists"),
                arguments(new IOException("f: disk full"), 3, "f: disk full"),
                arguments(new CommandException(4, "no device"), 4, "no device"),
                arguments(new TornadoOutOfMemoryException("\u001b[31mUnable\n to allocate\u001b[0m"), 4,
                        "not enough memory on the device: Unable  to allocate"),
                arguments(new TornadoBailoutRuntimeException("Bailout is disabled. \nReason:  Unable to compile task"
                        + " weights.touch0 - read\nThe internal error is: Error during code compilation with the OpenCL"
                        + " driver\n Stacktrace: [" + "a.b/c.D.e(D.java:1), ".repeat(200)), 4,
                        "kernel weights.touch0 does not compile for this device: Error during code compilation with"
                                + " the OpenCL driver (--stacktrace shows where; quantado devices lists others)"),
                arguments(new IOException(), 3, "a file or folder cannot be read or written"),
                arguments(new NullPointerException(), 1,
                        "the program itself failed: nothing more is known (--stacktrace shows where)"),
                arguments(new IllegalStateException("x".repeat(4000)), 1,
                        "the program itself failed: " + "x".repeat(300) + " ... (--stacktrace shows where)"),
                arguments(new IllegalStateException("outer", new IllegalArgumentException("in\nner")), 1,
                        "the program itself failed: in ner (--stacktrace shows where)"));
    }

    @ParameterizedTest
    @MethodSource("throwables")
    void saysItInOneLine(Throwable thrown, int exitCode, String message) {
        assertThat(Failure.of(thrown)).isEqualTo(new Failure(exitCode, message));
    }

    @Test
    void lackOfMemoryIsASentence() {
        run(new OutOfMemoryError("Java heap space")).assertFailedWith(ExitCode.NO_DEVICE, "out of memory", "-Xmx");
    }

    @Test
    void showsNoStackTraceUnlessAsked() {
        run(new IllegalStateException("odd")).assertFailedWith(ExitCode.CHECK_FAILED, "odd", "--stacktrace");
        assertThat(run(new IllegalStateException("odd"), "--stacktrace").err()).contains("odd", "\tat ",
                "FailureTest");
    }

    @Test
    void jsonIsAnObjectWithTheError() {
        CommandRun run = run(new SchemeException("cannot be \u201ccut\u201d"), "--json");
        assertThat(run.json().path("error").asText()).isEqualTo("cannot be \u201ccut\u201d");
        assertThat(run.out()).matches("\\p{ASCII}*");
        assertThat(run.exitCode()).isEqualTo(ExitCode.BAD_INPUT);
    }

    private static CommandRun run(Throwable thrown, String... options) {
        Object[] arguments = Stream.concat(Stream.of("fail"), Stream.of(options)).toArray();
        return CommandRun.of(program -> program.addSubcommand(new Fail(thrown)), arguments);
    }

    @Command(name = "fail")
    private static final class Fail implements Callable<Integer> {
        private final Throwable thrown;

        @Mixin
        @SuppressWarnings("UnusedVariable")
        private Output output;

        Fail(Throwable thrown) {
            this.thrown = thrown;
        }

        @Override
        public Integer call() throws Exception {
            if (thrown instanceof Error error) {
                throw error;
            }
            throw (Exception) thrown;
        }
    }
}
