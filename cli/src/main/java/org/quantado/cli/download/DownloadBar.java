package org.quantado.cli.download;

import java.util.concurrent.atomic.AtomicBoolean;

import org.quantado.cli.report.Output;
import org.quantado.cli.report.Progress;
import org.quantado.schemes.download.DownloadProgress;

/** The progress of a download as a bar. */
final class DownloadBar implements DownloadProgress, AutoCloseable {
    private final Output output;
    private final AtomicBoolean waits = new AtomicBoolean();
    private volatile Progress progress;

    DownloadBar(Output output) {
        this.output = output;
    }

    @Override
    public void begin(long bytes) {
        progress = Progress.startBytes("Downloading", bytes);
    }

    @Override
    public void advance(long bytes) {
        progress.step(bytes);
    }

    @Override
    public void waiting() {
        if (waits.compareAndSet(false, true)) {
            output.note("Another process is downloading the same; waiting for it.");
        }
    }

    @Override
    public void close() {
        if (progress != null) {
            progress.close();
        }
    }
}
