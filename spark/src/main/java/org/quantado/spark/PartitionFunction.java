package org.quantado.spark;

import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;

import org.apache.spark.SparkEnv;
import org.apache.spark.TaskContext;
import org.quantado.schemes.cluster.ClusterTask;
import org.quantado.schemes.cluster.Place;
import org.quantado.schemes.cluster.TaskResult;

import scala.collection.Iterator;
import scala.runtime.AbstractFunction2;

/** Does the one task of a partition. */
final class PartitionFunction<P extends AutoCloseable, R extends Serializable>
        extends
            AbstractFunction2<TaskContext, Iterator<ClusterTask<? super P, R>>, Outcome<R>>
        implements
            Serializable {
    private static final long serialVersionUID = 1L;

    private final String placeId;
    private final Place<P> place;

    PartitionFunction(String placeId, Place<P> place) {
        this.placeId = placeId;
        this.place = place;
    }

    @Override
    public Outcome<R> apply(TaskContext context, Iterator<ClusterTask<? super P, R>> tasks) {
        try {
            return Outcome.of(() -> {
                P opened = WorkerPlaces.get(placeId, place);
                long start = System.nanoTime();
                R value = tasks.next().work(opened);
                return new TaskResult<>(context.partitionId(), value, worker(), System.nanoTime() - start);
            });
        } catch (IOException e) {
            throw new UncheckedIOException(e); // Spark tries again elsewhere
        }
    }

    private static String worker() {
        SparkEnv env = SparkEnv.get();
        return env.executorId() + " on " + env.blockManager().blockManagerId().host();
    }
}
