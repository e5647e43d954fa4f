package org.quantado.cli.report;

/** What the process tells its caller. */
public final class ExitCode {
    public static final int DONE = 0;
    /** Something was checked and is not as it should be; or the program itself failed. */
    public static final int CHECK_FAILED = 1;
    public static final int BAD_USAGE = 2;
    public static final int BAD_INPUT = 3;
    /** There is no engine or device as asked for, or none with enough memory. */
    public static final int NO_DEVICE = 4;

    /** Ctrl-C, as shells have it: 128 and the signal's number. */
    public static final int INTERRUPTED = 130;

    private ExitCode() {
    }
}
