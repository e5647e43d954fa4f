package org.quantado.schemes.cluster;

import java.io.IOException;
import java.io.Serializable;

/**
 * A piece of work, which gives the same on every machine. It may be done twice, also at the same time, and be cut off at
 * any moment.
 *
 * @param <P> what it needs on the machine
 * @param <R> what comes of it, beside files
 */
@FunctionalInterface
public interface ClusterTask<P, R extends Serializable> extends Serializable {
    /**
     * Works.
     *
     * @throws IOException if the machine fails, for example because its disk is full; another one may try
     * @throws RuntimeException if it would fail on any machine
     */
    R work(P place) throws IOException;
}
