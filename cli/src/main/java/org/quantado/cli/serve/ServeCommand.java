package org.quantado.cli.serve;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.quantado.cli.engine.EngineOptions;
import org.quantado.cli.engine.ModelFolder;
import org.quantado.cli.engine.RunningEngine;
import org.quantado.cli.report.CommandException;
import org.quantado.cli.report.ExitCode;
import org.quantado.cli.report.Output;
import org.quantado.cli.text.TextModelOptions;
import org.quantado.models.decoder.Session;
import org.quantado.schemes.checkpoint.ByteSize;
import org.quantado.server.batch.BatchSettings;
import org.quantado.server.http.ApiKeys;
import org.quantado.server.http.ModelServer;
import org.quantado.server.http.ServerSettings;
import org.quantado.server.model.ServedModel;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Serves a model until the process is told to end. */
@Command(name = "serve", description = "Serve a model by OpenAI's API, with a page to try it. Ctrl-C or SIGTERM finishes what runs.", footer = {
        "", "Example:", "  quantado serve Llama-3.2-1B-Instruct-FP8 --port 8080", "", ExitCode.HELP})
public final class ServeCommand implements Callable<Integer> {
    private static final Pattern CACHED = Pattern.compile("models--([^/]+)--([^/]+)/snapshots/[^/]+$");
    private static final int MOST_PORT = 65535;
    /** For requests that end after the last one of the batch, such as those that are being refused. */
    private static final Duration LAST_WORDS = Duration.ofSeconds(1);

    /** The HTTP library tells of its own start; kept, since what is set on a logger goes with it. */
    private static final Logger HTTP = Logger.getLogger("io.helidon");
    /** What it cannot listen at is said in a line of this command's. */
    private static final Logger LISTENERS = Logger.getLogger("io.helidon.webserver.LoomServer");

    @Parameters(paramLabel = "MODEL", converter = ModelFolder.class, description = "Folder of a model, or its id in Hugging Face's cache.")
    private Path folder;

    @Option(names = "--host", paramLabel = "NAME", defaultValue = ServerSettings.LOOPBACK, description = "Network interface; ${DEFAULT-VALUE} is for this machine only, 0.0.0.0 for all others, too.")
    private String host;

    @Option(names = "--port", paramLabel = "N", defaultValue = "8080", description = "Port, ${DEFAULT-VALUE} unless said; 0 for any that is free.")
    private int port;

    @Option(names = "--model-name", paramLabel = "NAME", description = "What clients call the model; otherwise the folder's name.")
    private String name;

    @Option(names = "--parallel", paramLabel = "N", defaultValue = "8", description = "Requests that run at a time, each with a cache of the whole context; ${DEFAULT-VALUE} unless said.")
    private int parallel;

    @Option(names = "--queue", paramLabel = "N", defaultValue = "64", description = "Requests that may wait; more get 429. ${DEFAULT-VALUE} unless said.")
    private int queue;

    @Option(names = "--time-limit", paramLabel = "SECONDS", defaultValue = "600", description = "For one request, waiting included; ${DEFAULT-VALUE} unless said.")
    private int timeLimit;

    @Option(names = "--api-key-file", paramLabel = "FILE", description = "A key in each line; clients must have one.")
    private Path keyFile;

    @Mixin
    private TextModelOptions modelOptions;

    @Mixin
    private EngineOptions engineOptions;

    @Mixin
    private Output output;

    @Override
    public Integer call() throws IOException, InterruptedException {
        CommandException.requireRange("--port", port, 0, MOST_PORT);
        CommandException.requireRange("--parallel", parallel, 1, Session.MOST_SEQUENCES);
        CommandException.requireRange("--queue", queue, 0, Integer.MAX_VALUE - Session.MOST_SEQUENCES);
        CommandException.requireRange("--time-limit", timeLimit, 1, Integer.MAX_VALUE);
        BatchSettings batch = new BatchSettings(parallel, queue, Duration.ofSeconds(timeLimit));
        ServerSettings settings = new ServerSettings(host, port, keys(), batch, ServerSettings.USUAL_BYTES,
                ServerSettings.USUAL_PATIENCE);
        HTTP.setLevel(Level.WARNING);
        LISTENERS.setLevel(Level.OFF);
        RunningEngine engine = engineOptions.start();
        ServedModel model = modelOptions.with(options -> ServedModel.open(folder, id(), options, parallel));
        ModelServer server = start(model, settings);
        CountDownLatch end = new CountDownLatch(1);
        Thread hook = Thread.ofPlatform().unstarted(() -> drain(server, end));
        Runtime.getRuntime().addShutdownHook(hook);
        ServeReport report = new ServeReport(folder.toString(), model.id(), engine, host, server.port(), parallel,
                model.context(), model.bytes());
        output.print(report);
        output.note("weights and caches take " + ByteSize.text(model.bytes()) + ": " + parallel + " requests of "
                + model.context() + " tokens at a time");
        if (settings.isPublic() && settings.keys().isOpen()) {
            output.warn("everybody who reaches " + host
                    + " can use this server; --api-key-file asks for a key");
        }
        end.await();
        return ExitCode.DONE;
    }

    private ApiKeys keys() throws IOException {
        try {
            return keyFile == null ? ApiKeys.NONE : ApiKeys.read(keyFile);
        } catch (IllegalArgumentException e) {
            throw new CommandException(ExitCode.BAD_INPUT, e.getMessage(), e);
        }
    }

    private String id() {
        return name == null ? nameOf(folder.toAbsolutePath().normalize()) : name;
    }

    /** A folder's name; in Hugging Face's cache the model's id, from models--org--name/snapshots/revision. */
    private static String nameOf(Path folder) {
        Matcher cached = CACHED.matcher(folder.toString());
        return cached.find() ? cached.group(1) + "/" + cached.group(2) : String.valueOf(folder.getFileName());
    }

    private ModelServer start(ServedModel model, ServerSettings settings) {
        try {
            return ModelServer.start(model, settings);
        } catch (RuntimeException e) {
            model.close();
            throw new CommandException(ExitCode.BAD_USAGE, "cannot listen at " + host + ":" + port + ": "
                    + (e.getCause() == null ? e.getMessage() : e.getCause().getMessage()), e);
        }
    }

    private void drain(ModelServer server, CountDownLatch end) {
        output.note("finishing what runs; no more requests are taken");
        try {
            server.drain(Duration.ofSeconds(timeLimit));
            TimeUnit.MILLISECONDS.sleep(LAST_WORDS.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        server.close();
        end.countDown();
    }
}
