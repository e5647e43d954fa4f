package org.quantado.cli.report;

/** Ends a command with a sentence for its user and an exit code. */
public final class CommandException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int exitCode;

    public CommandException(int exitCode, String message) {
        super(message);
        this.exitCode = exitCode;
    }

    public CommandException(int exitCode, String message, Throwable cause) {
        super(message, cause);
        this.exitCode = exitCode;
    }

    /** @throws CommandException if the value of an option is out of its range */
    public static void requireRange(String option, int value, int least, int most) {
        if (value < least || value > most) {
            throw new CommandException(ExitCode.BAD_USAGE,
                    option + ": found " + value + ", expected " + least + " to " + most);
        }
    }

    public int exitCode() {
        return exitCode;
    }
}
