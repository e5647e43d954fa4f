package org.quantado.host.work;

/** An exception in a kernel, with the part of the task's work in which it happened. */
public final class KernelFailure extends RuntimeException {
    private static final long serialVersionUID = 1L;

    KernelFailure(String where, Throwable cause) {
        super(where, cause);
    }
}
