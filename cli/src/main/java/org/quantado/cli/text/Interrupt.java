package org.quantado.cli.text;

import java.lang.reflect.Method;
import java.lang.reflect.Proxy;

import org.quantado.cli.report.ExitCode;

/**
 * Ctrl-C, as long as somebody deals with it: what runs is asked to stop, and a second Ctrl-C before that ends the process.
 *
 * <p>The JDK has signals in {@code sun.misc} only, in its module for such things; they are reached by reflection, because
 * compilers warn of that package. Where a JDK has none, Ctrl-C ends the process as ever.
 */
public final class Interrupt implements AutoCloseable {
    private static final String SIGNAL = "sun.misc.Signal";
    private static final String HANDLER = "sun.misc.SignalHandler";
    private static final String CTRL_C = "INT";

    private final Runnable action;
    private final Object previous;
    private volatile boolean requested;

    private Interrupt(Runnable action) {
        this.action = action == null ? this::request : action;
        previous = handle(Proxy.newProxyInstance(Interrupt.class.getClassLoader(), handlerTypes(),
                (proxy, method, arguments) -> {
                    if (method.getName().equals("handle")) {
                        this.action.run();
                    }
                    return null;
                }));
    }

    /** Notes Ctrl-C from now on. */
    public static Interrupt watch() {
        return new Interrupt(null);
    }

    /** Does this on each Ctrl-C from now on. */
    public static Interrupt watch(Runnable action) {
        return new Interrupt(action);
    }

    private static Class<?>[] handlerTypes() {
        try {
            return new Class<?>[]{Class.forName(HANDLER)};
        } catch (ClassNotFoundException e) {
            return new Class<?>[0];
        }
    }

    /** Replaces the handler of the signal, and gives the one before; null where there are no signals. */
    private static Object handle(Object handler) {
        try {
            Class<?> type = Class.forName(SIGNAL);
            Method method = type.getMethod("handle", type, Class.forName(HANDLER));
            return method.invoke(null, type.getConstructor(String.class).newInstance(CTRL_C), handler);
        } catch (ReflectiveOperationException e) {
            return null;
        }
    }

    private void request() {
        if (requested) {
            Runtime.getRuntime().halt(ExitCode.INTERRUPTED);
        }
        requested = true;
    }

    /** Whether Ctrl-C came. */
    public boolean isRequested() {
        return requested;
    }

    /** Lets Ctrl-C do again what it did before. */
    @Override
    public void close() {
        if (previous != null) {
            handle(previous);
        }
    }
}
