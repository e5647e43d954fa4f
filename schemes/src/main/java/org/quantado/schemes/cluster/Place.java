package org.quantado.schemes.cluster;

import java.io.IOException;
import java.io.Serializable;

/**
 * What tasks need on a machine, such as a model: made once in each process that works at some, and shared by those that
 * run there at the same time.
 *
 * @param <P> what it is
 */
@FunctionalInterface
public interface Place<P extends AutoCloseable> extends Serializable {
    /**
     * Makes it.
     *
     * @throws ClusterException if this machine cannot have it, with its name
     * @throws IOException if it cannot be read now; another machine may try
     */
    P open() throws IOException;
}
