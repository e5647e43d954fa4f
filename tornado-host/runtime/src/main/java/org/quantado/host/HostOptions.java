package org.quantado.host;

/** The system properties that steer the host engine; read anew at each execution. */
public final class HostOptions {
    private static final String STRICT = "quantado.host.strict";
    private static final String THREADS = "quantado.host.threads";

    private HostOptions() {
    }

    /**
     * {@code quantado.host.strict}: every array has a device copy of its own, and memory that nobody has written
     * holds NaN, as has what a kernel leaves of an array that TornadoVM may or may not copy to a device (decided when the
     * graph is built). Without it, inputs that are copied once and only read are used in place.
     */
    public static boolean strict() {
        return Boolean.getBoolean(STRICT);
    }

    /**
     * {@code quantado.host.threads}: how many threads a task may use; all of the machine's processors unless set.
     * With one thread, {@code @Parallel} kernels run as they were compiled, so that a debugger stops in them.
     */
    public static int threads() {
        String threads = System.getProperty(THREADS);
        if (threads == null) {
            return Runtime.getRuntime().availableProcessors();
        }
        if (!threads.matches("[1-9][0-9]{0,3}")) {
            throw new HostEngineException("-D" + THREADS + "=" + threads + ": expected a number from 1 to 9999");
        }
        return Integer.parseInt(threads);
    }
}
