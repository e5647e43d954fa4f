package org.quantado.schemes.cluster;

import java.util.Map;

/** Knows how to reach clusters of a kind; found by {@link java.util.ServiceLoader}. */
public interface ClusterProvider {
    /**
     * Connects.
     *
     * @param master where the cluster is, such as {@code local[2]} or {@code spark://host:7077}
     * @param settings of the cluster's own, by name
     * @throws ClusterException if it cannot be reached
     */
    Cluster connect(String master, Map<String, String> settings);
}
