package org.quantado.schemes.cluster;

import java.io.IOException;
import java.io.Serializable;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** A cluster of this process alone, which does one task after another. */
public final class ThisMachine implements Cluster {
    private static final String NAME = "this process";

    private final Map<Place<?>, AutoCloseable> places = new LinkedHashMap<>();

    @Override
    public int slots() {
        return 1;
    }

    @Override
    public <P extends AutoCloseable, R extends Serializable> void run(String name, Place<P> place,
            List<? extends ClusterTask<? super P, R>> tasks, Consumer<TaskResult<R>> done) throws IOException {
        if (tasks.isEmpty()) {
            return;
        }
        P opened = open(place);
        for (int task = 0; task < tasks.size(); task++) {
            long start = System.nanoTime();
            R value = tasks.get(task).work(opened);
            done.accept(new TaskResult<>(task, value, NAME, System.nanoTime() - start));
        }
    }

    @SuppressWarnings("unchecked") // a place makes what is kept under it
    private <P extends AutoCloseable> P open(Place<P> place) throws IOException {
        AutoCloseable opened = places.get(place);
        if (opened == null) {
            opened = place.open();
            places.put(place, opened);
        }
        return (P) opened;
    }

    @Override
    public void close() {
        for (AutoCloseable place : places.values()) {
            try {
                place.close();
            } catch (RuntimeException e) {
                throw e;
            } catch (Exception e) {
                throw new ClusterException(NAME + ": cannot let go of its work (" + e.getMessage() + ")", e);
            }
        }
        places.clear();
    }
}
