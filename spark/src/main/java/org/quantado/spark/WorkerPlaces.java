package org.quantado.spark;

import java.io.IOException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

import org.quantado.schemes.cluster.ClusterException;
import org.quantado.schemes.cluster.Place;

/** The places of this process, each made by whichever of its tasks comes first. */
final class WorkerPlaces {
    private static final Map<String, WorkerPlaces> OF_PLACES = new ConcurrentHashMap<>();

    private AutoCloseable opened;

    private WorkerPlaces() {
    }

    /**
     * The place that goes by an id.
     *
     * @throws IOException if it cannot be made; the next task tries again
     */
    @SuppressWarnings("unchecked") // an id belongs to one place
    static <P extends AutoCloseable> P get(String id, Place<P> place) throws IOException {
        return (P) OF_PLACES.computeIfAbsent(id, _ -> new WorkerPlaces()).open(place);
    }

    private synchronized AutoCloseable open(Place<?> place) throws IOException {
        if (opened == null) {
            opened = place.open();
        }
        return opened;
    }

    /** Closes a place, if this process has it. Its tasks have ended. */
    static void close(String id) {
        WorkerPlaces place = OF_PLACES.remove(id);
        if (place != null) {
            place.close();
        }
    }

    private synchronized void close() {
        try {
            if (opened != null) {
                opened.close();
            }
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new ClusterException("the work on this machine cannot be ended (" + e.getMessage() + ")", e);
        }
    }
}
