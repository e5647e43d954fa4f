package org.quantado.cli.report;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.util.regex.Pattern;

import org.quantado.kernels.engine.ConfException;
import org.quantado.kernels.engine.DeviceException;
import org.quantado.models.decoder.InputException;
import org.quantado.models.generate.GenerationException;
import org.quantado.schemes.checkpoint.CheckpointException;
import org.quantado.schemes.linear.SchemeException;
import org.quantado.schemes.quantize.QuantizeException;

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
    private static final long MEGABYTE = 1 << 20;

    static Failure of(Throwable thrown) {
        return switch (thrown) {
            case CommandException e -> new Failure(e.exitCode(), e.getMessage());
            case CheckpointException e -> new Failure(ExitCode.BAD_INPUT, e.getMessage());
            case QuantizeException e -> new Failure(ExitCode.BAD_USAGE, e.getMessage());
            case SchemeException e -> new Failure(ExitCode.BAD_INPUT, e.getMessage());
            case InputException e -> new Failure(ExitCode.BAD_INPUT, e.getMessage());
            case GenerationException e -> new Failure(ExitCode.BAD_INPUT, e.getMessage());
            case ConfException e -> new Failure(ExitCode.BAD_INPUT, plain(e.getMessage()));
            case DeviceException e -> new Failure(ExitCode.NO_DEVICE, e.getMessage());
            case UncheckedIOException e -> of(e.getCause());
            case FileAlreadyExistsException e -> new Failure(ExitCode.BAD_USAGE, e.getFile() + ": already exists");
            case IOException e -> new Failure(ExitCode.BAD_INPUT, ofFile(e));
            case OutOfMemoryError e -> new Failure(ExitCode.NO_DEVICE, "out of memory (" + plain(e.getMessage())
                    + "): java may use " + Runtime.getRuntime().maxMemory() / MEGABYTE
                    + " MB; set QUANTADO_JAVA_OPTIONS=-Xmx16g, for example, for more");
            case TornadoOutOfMemoryException e -> outOfDeviceMemory(e);
            case TornadoMemoryException e -> outOfDeviceMemory(e);
            default -> new Failure(ExitCode.CHECK_FAILED, "unexpected " + describe(thrown)
                    + " (--stacktrace shows where)");
        };
    }

    private static Failure outOfDeviceMemory(RuntimeException e) {
        return new Failure(ExitCode.NO_DEVICE, "not enough memory on the device: " + plain(e.getMessage()));
    }

    private static String ofFile(IOException e) {
        return switch (e) {
            case NoSuchFileException missing -> missing.getFile() + ": no such file or folder";
            case AccessDeniedException denied -> denied.getFile() + ": permission denied";
            default -> plain(e.getMessage() == null ? e.toString() : e.getMessage());
        };
    }

    /** The exception that started it, as one line. */
    public static String describe(Throwable thrown) {
        Throwable root = thrown;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return root.getClass().getSimpleName() + ": " + plain(root.getMessage());
    }

    private static String plain(String message) {
        return message == null ? "no message" : NOT_PLAIN.matcher(message).replaceAll(" ").strip();
    }
}
