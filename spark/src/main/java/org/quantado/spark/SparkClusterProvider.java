package org.quantado.spark;

import java.util.Map;

import org.quantado.schemes.cluster.Cluster;
import org.quantado.schemes.cluster.ClusterProvider;

/** Reaches what Spark calls a master: {@code local[2]}, {@code spark://host:7077}, {@code yarn}, {@code k8s://...}. */
public final class SparkClusterProvider implements ClusterProvider {
    @Override
    public Cluster connect(String master, Map<String, String> settings) {
        return SparkCluster.connect(master, settings);
    }
}
