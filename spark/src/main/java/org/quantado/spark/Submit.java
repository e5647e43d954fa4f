package org.quantado.spark;

import java.util.ArrayList;
import java.util.List;
import java.util.ServiceLoader;
import java.util.spi.ToolProvider;

/**
 * The {@code quantado} command as {@code spark-submit} starts it: the master is the one that was submitted to.
 *
 * <pre>{@code
 * spark-submit --master spark://host:7077 --class org.quantado.spark.Submit quantado-spark-assembly.jar quantize IN OUT ...
 * }</pre>
 */
public final class Submit {
    private static final String COMMAND = "quantado";
    private static final String MASTER_OPTION = "--master";

    private Submit() {
    }

    /** Runs a command and ends the process with its exit code. */
    public static void main(String[] arguments) {
        // Spark loads a submitted jar by the thread's class loader, which ToolProvider.findFirst does not ask
        ToolProvider command = ServiceLoader.load(ToolProvider.class).stream().map(ServiceLoader.Provider::get)
                .filter(tool -> tool.name().equals(COMMAND)).findFirst()
                .orElseThrow(() -> new IllegalStateException("the command " + COMMAND + " is not in the jar"));
        System.exit(command.run(System.out, System.err, withMaster(List.of(arguments))));
    }

    private static String[] withMaster(List<String> arguments) {
        List<String> all = new ArrayList<>(arguments);
        String master = System.getProperty(SparkCluster.MASTER);
        if (master != null && !all.isEmpty() && !all.contains(MASTER_OPTION)) {
            all.addAll(1, List.of(MASTER_OPTION, master));
        }
        return all.toArray(String[]::new);
    }
}
