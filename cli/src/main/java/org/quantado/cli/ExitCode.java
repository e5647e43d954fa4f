package org.quantado.cli;

/** What the process tells its caller. */
final class ExitCode {
    static final int DONE = 0;
    /** Something was checked and is not as it should be; or the program itself failed. */
    static final int CHECK_FAILED = 1;
    static final int BAD_USAGE = 2;
    static final int BAD_INPUT = 3;
    /** There is no engine or device as asked for, or none with enough memory. */
    static final int NO_DEVICE = 4;

    private ExitCode() {
    }
}
