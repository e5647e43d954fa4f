package org.quantado.schemes.cluster;

import java.io.IOException;
import java.io.Serializable;
import java.util.List;
import java.util.function.Consumer;

/** Processes, on one machine or several, that work at tasks. */
public interface Cluster extends AutoCloseable {
    /** About how many tasks run at the same time, at least one. */
    int slots();

    /**
     * Has tasks done.
     *
     * @param name what the tasks are, for whoever watches
     * @param place made in each process before its first task of this run, or taken from an earlier run of the same place
     * @param tasks in the order in which they are begun
     * @param done told of each task once, in any order, by one thread at a time; what it throws ends the work
     * @throws ClusterException if a machine cannot do its part
     * @throws IOException if a task failed wherever it was tried
     */
    <P extends AutoCloseable, R extends Serializable> void run(String name, Place<P> place,
            List<? extends ClusterTask<? super P, R>> tasks, Consumer<TaskResult<R>> done) throws IOException;

    /** Lets the processes go. */
    @Override
    void close();
}
