package org.quantado.cli.report;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.quantado.kernels.engine.ConfException;
import org.quantado.kernels.engine.DeviceException;
import org.quantado.models.decoder.InputException;
import org.quantado.models.generate.GenerationException;
import org.quantado.schemes.checkpoint.ByteSize;
import org.quantado.schemes.checkpoint.CheckpointException;
import org.quantado.schemes.cluster.ClusterException;
import org.quantado.schemes.hub.HubException;
import org.quantado.schemes.linear.SchemeException;
import org.quantado.schemes.quantize.QuantizeException;

import uk.ac.manchester.tornado.api.exceptions.TornadoBailoutRuntimeException;
import uk.ac.manchester.tornado.api.exceptions.TornadoMemoryException;
import uk.ac.manchester.tornado.api.exceptions.TornadoOutOfMemoryException;

/**
 * What an exception means to the user: an exit code and one line.
 *
 * @param exitCode one of {@link ExitCode}
 * @param message one line
 */
public record Failure(int exitCode, String message) {
    /** What a runtime puts into its messages for a terminal: colours, line ends. */
    private static final Pattern NOT_PLAIN = Pattern.compile("\u001b\\[[0-9;]*m|\\p{Cntrl}+");
    /** Some runtimes put a whole log, or their stack, into a message. */
    private static final int LONGEST_MESSAGE = 300;
    /** How TornadoVM says that a kernel does not compile: the task, what the compiler said, where in itself that was. */
    private static final Pattern NOT_COMPILED = Pattern.compile(
            "(?s).*Unable to compile task (\\S+).*?(?:The internal error is:\\s*(.*?))?\\s*(?:Stacktrace:.*)?");

    static Failure of(Throwable thrown) {
        return switch (thrown) {
            case CommandException e -> new Failure(e.exitCode(), e.getMessage());
            case CheckpointException e -> new Failure(ExitCode.BAD_INPUT, e.getMessage());
            case HubException e -> new Failure(switch (e.reason()) {
                case USAGE -> ExitCode.BAD_USAGE;
                case DAMAGED -> ExitCode.CHECK_FAILED;
                case NOT_GIVEN, HINDERED, NOT_TRUSTED -> ExitCode.BAD_INPUT;
            }, e.getMessage());
            case QuantizeException e -> new Failure(ExitCode.BAD_USAGE, e.getMessage());
            case SchemeException e -> new Failure(ExitCode.BAD_INPUT, e.getMessage());
            case InputException e -> new Failure(ExitCode.BAD_INPUT, e.getMessage());
            case GenerationException e -> new Failure(ExitCode.BAD_INPUT, e.getMessage());
            case ConfException e -> new Failure(ExitCode.BAD_INPUT, plain(e.getMessage()));
            case ClusterException e -> new Failure(ExitCode.NO_DEVICE, plain(e.getMessage()));
            case DeviceException e -> new Failure(ExitCode.NO_DEVICE, e.getMessage());
            case UncheckedIOException e -> of(e.getCause());
            case FileAlreadyExistsException e -> new Failure(ExitCode.BAD_USAGE, e.getFile() + ": already exists");
            case IOException e -> new Failure(ExitCode.BAD_INPUT, ofFile(e));
            case OutOfMemoryError e -> new Failure(ExitCode.NO_DEVICE, "out of memory (" + plain(e.getMessage())
                    + "): java may use " + ByteSize.text(Runtime.getRuntime().maxMemory())
                    + "; set QUANTADO_JAVA_OPTIONS=-Xmx16g, for example, for more");
            case TornadoOutOfMemoryException e -> outOfDeviceMemory(e);
            case TornadoMemoryException e -> outOfDeviceMemory(e);
            case TornadoBailoutRuntimeException e -> new Failure(ExitCode.NO_DEVICE, notCompiled(e));
            default -> new Failure(ExitCode.CHECK_FAILED, "the program itself failed: " + describe(thrown)
                    + " (--stacktrace shows where)");
        };
    }

    private static Failure outOfDeviceMemory(RuntimeException e) {
        return new Failure(ExitCode.NO_DEVICE, "not enough memory on the device: " + plain(e.getMessage()));
    }

    private static String notCompiled(TornadoBailoutRuntimeException e) {
        Matcher message = NOT_COMPILED.matcher(plain(e.getMessage()));
        String what = message.matches()
                ? "kernel " + message.group(1) + " does not compile for this device"
                        + (message.group(2) == null ? "" : ": " + shortened(message.group(2)))
                : "a kernel does not run on this device: " + shortened(plain(e.getMessage()));
        return what + " (--stacktrace shows where; quantado devices lists others)";
    }

    private static String ofFile(IOException e) {
        return switch (e) {
            case NoSuchFileException missing -> missing.getFile() + ": no such file or folder";
            case AccessDeniedException denied -> denied.getFile() + ": permission denied";
            default -> e.getMessage() == null
                    ? "a file or folder cannot be read or written"
                    : plain(e.getMessage());
        };
    }

    /** What the exception that started it says, as one short line. */
    public static String describe(Throwable thrown) {
        Throwable root = thrown;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return shortened(plain(root.getMessage()));
    }

    private static String shortened(String message) {
        return message.length() <= LONGEST_MESSAGE ? message : message.substring(0, LONGEST_MESSAGE) + " ...";
    }

    private static String plain(String message) {
        return message == null || message.isBlank()
                ? "nothing more is known"
                : NOT_PLAIN.matcher(message).replaceAll(" ").strip();
    }
}
