package org.quantado.host.flow;

/**
 * What a value may be, one bit each: any of the kernel's parameters or what is in their fields, or a number that was
 * computed from the variable of a {@code @Parallel} loop that counts by one.
 */
final class Values {
    static final long NOTHING = 0;
    static final long COUNTS_BY_ONE = 1L << 62;
    static final int MAX_PARAMETERS = 62;

    private Values() {
    }

    static long parameter(int index) {
        return 1L << index;
    }

    static boolean mayBe(long value, int parameter) {
        return (value & parameter(parameter)) != 0;
    }

    /** The parameters among what a value may be. */
    static long parameters(long value) {
        return value & ~COUNTS_BY_ONE;
    }

    /** What a number says about those computed from it. */
    static long number(long value) {
        return value & COUNTS_BY_ONE;
    }
}
