package org.quantado.spark;

import java.io.File;
import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.stream.Stream;

import org.apache.spark.SparkConf;
import org.apache.spark.SparkException;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.rdd.RDD;
import org.quantado.kernels.engine.Engine;
import org.quantado.kernels.matmul.FlavourChoice;
import org.quantado.schemes.cluster.Cluster;
import org.quantado.schemes.cluster.ClusterException;
import org.quantado.schemes.cluster.ClusterTask;
import org.quantado.schemes.cluster.Place;
import org.quantado.schemes.cluster.TaskResult;

import scala.reflect.ClassTag$;
import scala.runtime.AbstractFunction2;
import scala.runtime.BoxedUnit;

/** Spark's executors. A task is a partition; a place is kept in each executor for as long as that lives. */
public final class SparkCluster implements Cluster {
    /** System property with which {@code spark-submit} says where the cluster is. */
    static final String MASTER = "spark.master";
    private static final String EXECUTOR_OPTIONS = "spark.executor.extraJavaOptions";
    private static final String EXECUTOR_CORES = "spark.executor.cores";
    /** Jars with these names are Spark's own, which its executors have. */
    private static final String OWN_JARS = "quantado-.*|gpu-llama3.*|tokenizers-.*|api-.*";
    /** Settings that suit tasks of minutes that may fail for want of disk, where nobody says otherwise. */
    private static final Map<String, String> USUAL = Map.of(
            // a slow machine's last task is begun on another one, too
            "spark.speculation", "true",
            // a machine on which tasks fail, as one with a full disk, is given no more
            "spark.excludeOnFailure.enabled", "true");

    private final JavaSparkContext context;
    private final Map<Place<?>, String> placeIds = new HashMap<>();

    private SparkCluster(JavaSparkContext context) {
        this.context = context;
    }

    /**
     * Starts a Spark application.
     *
     * @param settings Spark's own, by name
     * @throws ClusterException if the master cannot be reached
     */
    static SparkCluster connect(String master, Map<String, String> settings) {
        SparkConf conf = new SparkConf().setMaster(master).setIfMissing("spark.app.name", "Quantado");
        settings.forEach(conf::set);
        USUAL.forEach(conf::setIfMissing);
        if (conf.contains(EXECUTOR_CORES)) {
            // a task uses all cores of its executor, and models take one task at a time
            conf.setIfMissing("spark.task.cpus", conf.get(EXECUTOR_CORES));
        }
        if (!master.startsWith("local") && !conf.contains("spark.jars")) {
            conf.setJars(ownJars());
        }
        conf.set(EXECUTOR_OPTIONS, (conf.get(EXECUTOR_OPTIONS, "") + engineOptions()).strip());
        try {
            return new SparkCluster(new JavaSparkContext(conf));
        } catch (RuntimeException e) {
            throw new ClusterException("master " + master + ": no cluster (" + e.getMessage() + ")", e);
        }
    }

    private static String[] ownJars() {
        return Stream.of(System.getProperty("java.class.path").split(File.pathSeparator)).filter(
                path -> new File(path).getName().matches("(" + OWN_JARS + ")\\.jar")).toArray(String[]::new);
    }

    /** The device and the kernels that were asked for hold for the executors, too. */
    private static String engineOptions() {
        StringBuilder options = new StringBuilder();
        for (String property : List.of(Engine.DEVICE_PROPERTY, FlavourChoice.FLAVOUR_PROPERTY)) {
            if (System.getProperty(property) != null) {
                options.append(" -D").append(property).append('=').append(System.getProperty(property));
            }
        }
        return options.toString();
    }

    @Override
    public int slots() {
        return context.defaultParallelism();
    }

    @Override
    public <P extends AutoCloseable, R extends Serializable> void run(String name, Place<P> place,
            List<? extends ClusterTask<? super P, R>> tasks, Consumer<TaskResult<R>> done) throws IOException {
        if (tasks.isEmpty()) {
            return;
        }
        String placeId = placeIds.computeIfAbsent(place, _ -> UUID.randomUUID().toString());
        RDD<ClusterTask<? super P, R>> rdd = context
                .<ClusterTask<? super P, R>>parallelize(List.copyOf(tasks), tasks.size()).rdd();
        context.setJobDescription(name);
        try {
            context.sc().runJob(rdd, new PartitionFunction<P, R>(placeId, place), new ResultHandler<>(done),
                    ClassTag$.MODULE$.<Outcome<R>>apply(Outcome.class));
        } catch (Exception e) { // Scala's methods do not say what they throw
            throw meant(e);
        }
    }

    /** Gives results to whoever waits for them, and throws what tasks could not do. */
    private static final class ResultHandler<R extends Serializable>
            extends
                AbstractFunction2<Object, Outcome<R>, BoxedUnit> {
        private final Consumer<TaskResult<R>> done;

        ResultHandler(Consumer<TaskResult<R>> done) {
            this.done = done;
        }

        @Override
        public BoxedUnit apply(Object partition, Outcome<R> outcome) {
            if (outcome.failure() != null) {
                throw outcome.failure();
            }
            done.accept(outcome.result());
            return BoxedUnit.UNIT;
        }
    }

    /** What lies behind an exception of Spark's; Spark's own if there is nothing. */
    private static RuntimeException meant(Exception thrown) throws IOException {
        for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
            switch (cause) {
                case UncheckedIOException e -> throw e.getCause();
                case IOException e -> throw e;
                case SparkException _ -> {
                    // what it was about may be its cause
                }
                case RuntimeException e -> throw e;
                default -> {
                    // as above
                }
            }
        }
        return new ClusterException("the cluster gave up: " + thrown.getMessage(), thrown);
    }

    @Override
    public void close() {
        context.close();
        placeIds.values().forEach(WorkerPlaces::close);
    }
}
