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

    /** What help says of them. */
    public static final String HELP = "Exit codes: 0 done, 1 a check failed, 2 bad usage, 3 bad input, 4 no device or engine, 130 Ctrl-C.";

    private ExitCode() {
    }
}
