package org.quantado.schemes.download;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;

import org.quantado.schemes.hub.HubEnvironment;
import org.quantado.schemes.hub.ModelId;

/** A download in a process of its own. */
final class DownloadProcess {
    private DownloadProcess() {
    }

    /** @param arguments endpoint and home */
    public static void main(String[] arguments) throws IOException {
        ModelDownload.in(HubEnvironment.of(Map.of("HF_ENDPOINT", arguments[0], "HF_HOME", arguments[1]),
                Path.of(arguments[1]))).fetch(ModelId.of(HubServer.NAME), FileChoice.NEEDED, DownloadProgress.NONE);
    }
}
