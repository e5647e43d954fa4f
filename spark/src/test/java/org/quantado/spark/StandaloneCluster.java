package org.quantado.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** Spark's own master and workers on this machine's loopback, each a process of one core and little memory. */
@SuppressWarnings("try") // Nobody interrupts a test that waits for processes to end.
final class StandaloneCluster implements AutoCloseable {
    private static final String LOOPBACK = "127.0.0.1";
    private static final String EXECUTOR_MEMORY = "512m";
    /** Of all processes, executors among them. */
    private static final String CLASS_PATH = System.getProperty("java.class.path");
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private final Path home;
    private final int port;
    private final Process master;
    private final List<Process> workers = new ArrayList<>();

    private StandaloneCluster(Path home, int port) throws IOException {
        this.home = home;
        this.port = port;
        this.master = start("master", "org.apache.spark.deploy.master.Master", "--port", String.valueOf(port));
    }

    /** Starts them; where that is not possible, the test is skipped and says why. */
    static StandaloneCluster start(Path folder, int workers) throws IOException, InterruptedException {
        Path home = Files.createDirectories(folder.resolve("spark-home"));
        Files.createDirectories(home.resolve("jars"));
        StandaloneCluster cluster = new StandaloneCluster(home, freePort());
        cluster.awaitMaster();
        for (int worker = 0; worker < workers; worker++) {
            String name = "worker" + worker;
            cluster.workers.add(cluster.start(name, "org.apache.spark.deploy.worker.Worker", "--cores", "1", "--memory",
                    EXECUTOR_MEMORY, "--work-dir", home.resolve(name).toString(), cluster.url()));
        }
        return cluster;
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private Process start(String name, String mainClass, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx256m", "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "@" + Path.of(System.getProperty("quantado.root"), "conf/spark/java-options"),
                "-cp", CLASS_PATH, mainClass, "--host", LOOPBACK, "--webui-port", "0"));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true)
                .redirectOutput(log(name).toFile());
        builder.environment().putAll(Map.of("SPARK_HOME", home.toString(), "SPARK_SCALA_VERSION", "2.13",
                "SPARK_LOCAL_IP", LOOPBACK, "SPARK_DIST_CLASSPATH", CLASS_PATH, "JAVA_HOME",
                System.getProperty("java.home")));
        return builder.start();
    }

    private Path log(String name) {
        return home.resolve(name + ".log");
    }

    private void awaitMaster() throws IOException, InterruptedException {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (!listens()) {
            assumeTrue(master.isAlive() && System.nanoTime() < end,
                    () -> "Spark's master does not start on this machine: " + tail(log("master")));
            Thread.sleep(100);
        }
    }

    private boolean listens() {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1000);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    private static String tail(Path log) {
        try {
            List<String> lines = Files.readAllLines(log);
            return String.join(" | ", lines.subList(Math.max(0, lines.size() - 3), lines.size()));
        } catch (IOException e) {
            return e.getMessage();
        }
    }

    String url() {
        return "spark://" + LOOPBACK + ":" + port;
    }

    /** Settings for small executors. */
    Map<String, String> settings() {
        Map<String, String> settings = new HashMap<>();
        settings.put("spark.executor.memory", EXECUTOR_MEMORY);
        settings.put("spark.executor.cores", "1");
        settings.put("spark.executor.extraJavaOptions", "-XX:+UseSerialGC -XX:TieredStopAtLevel=1"
                + " --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow");
        settings.put("spark.jars", "");
        settings.put("spark.driver.host", LOOPBACK);
        settings.put("spark.driver.bindAddress", LOOPBACK);
        settings.put("spark.ui.enabled", "false");
        return settings;
    }

    /** Kills an executor as {@code kill -9} does: a child of one of the workers that were started here. */
    void killAnExecutor() {
        ProcessHandle executor = workers.stream().flatMap(worker -> worker.toHandle().children())
                .filter(ProcessHandle::isAlive).findFirst().orElseThrow();
        assertThat(executor.destroyForcibly()).isTrue();
    }

    @Override
    public void close() throws InterruptedException {
        List<ProcessHandle> executors = workers.stream().flatMap(worker -> worker.toHandle().children()).toList();
        for (Process process : Stream.concat(workers.stream(), Stream.of(master)).toList()) {
            process.destroyForcibly().waitFor(1, TimeUnit.MINUTES);
        }
        executors.forEach(ProcessHandle::destroyForcibly);
    }
}
