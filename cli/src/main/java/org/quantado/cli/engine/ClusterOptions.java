package org.quantado.cli.engine;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceLoader;

import org.quantado.cli.report.CommandException;
import org.quantado.cli.report.ExitCode;
import org.quantado.schemes.cluster.Cluster;
import org.quantado.schemes.cluster.ClusterProvider;

import picocli.CommandLine.Option;

/** Options of the commands that can share their work among machines. */
public final class ClusterOptions {
    @Option(names = "--master", paramLabel = "URL", description = "Share the work among the executors of Apache Spark: local[2] (this machine, as two), spark://HOST:PORT, yarn or k8s://URL. All machines have to see the same files under the same paths.")
    private String master;

    @Option(names = "--conf", paramLabel = "NAME=VALUE", description = "A setting of Spark's, such as spark.executor.memory=8g; any number of these, with --master.")
    private Map<String, String> settings = new LinkedHashMap<>();

    /** Whether a cluster was asked for. */
    public boolean isAsked() {
        return master != null;
    }

    /**
     * Connects to the cluster that was asked for, if one was.
     *
     * @throws CommandException if there is none, or nothing that would reach it
     */
    public Optional<Cluster> connect() {
        if (master == null) {
            if (!settings.isEmpty()) {
                throw new CommandException(ExitCode.BAD_USAGE, "found --conf without --master, expected both");
            }
            return Optional.empty();
        }
        ClusterProvider provider = ServiceLoader.load(ClusterProvider.class).findFirst()
                .orElseThrow(() -> new CommandException(ExitCode.NO_DEVICE,
                        "--master was asked for, and java was started without Apache Spark; start the program by the"
                                + " quantado launcher or by spark-submit"));
        return Optional.of(provider.connect(master, settings));
    }
}
