package org.quantado.spark;

import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;

import org.quantado.schemes.cluster.TaskResult;

/**
 * How a task ended: with a result, or with what no other machine would do better. Spark tries again only what it is thrown.
 *
 * @param result null if it failed
 * @param failure null if it did not
 */
record Outcome<R extends Serializable>(TaskResult<R> result, RuntimeException failure) implements Serializable {
    /** A task. */
    @FunctionalInterface
    interface Work<R extends Serializable> {
        TaskResult<R> run() throws IOException;
    }

    static <R extends Serializable> Outcome<R> of(Work<R> work) throws IOException {
        try {
            return new Outcome<>(work.run(), null);
        } catch (UncheckedIOException e) {
            throw e;
        } catch (RuntimeException e) {
            return new Outcome<>(null, e);
        }
    }
}
