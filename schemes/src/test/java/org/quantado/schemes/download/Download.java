package org.quantado.schemes.download;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

import org.quantado.schemes.hub.HubEnvironment;
import org.quantado.schemes.hub.ModelId;

/** Downloads from a server of a test into a folder of a test, with little patience. */
final class Download {
    static final String TOKEN = "hf_secretsecretsecret";
    static final Patience LITTLE = new Patience(4, Duration.ofMillis(5), Duration.ofMillis(20), Duration.ofSeconds(2),
            Duration.ofSeconds(3));

    private final HubServer server;
    private final Path home;
    DownloadProgress progress = DownloadProgress.NONE;
    Map<String, String> variables = Map.of();

    Download(HubServer server, Path home) {
        this.server = server;
        this.home = home;
    }

    DownloadedModel run() throws IOException {
        return run(HubServer.NAME);
    }

    DownloadedModel run(String id) throws IOException {
        return run(id, FileChoice.NEEDED);
    }

    DownloadedModel run(String id, FileChoice choice) throws IOException {
        Map<String, String> all = new HashMap<>(Map.of("HF_ENDPOINT", server.address() + "/", "HF_HOME",
                home.toString()));
        all.putAll(variables);
        return new ModelDownload(HubEnvironment.of(all, home), LITTLE).fetch(ModelId.of(id), choice, progress);
    }
}
