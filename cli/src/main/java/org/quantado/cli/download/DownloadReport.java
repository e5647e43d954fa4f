package org.quantado.cli.download;

import java.io.PrintWriter;

import org.quantado.cli.report.Report;
import org.quantado.schemes.checkpoint.ByteSize;
import org.quantado.schemes.download.DownloadedModel;

/**
 * What is in the cache now.
 *
 * @param model id
 * @param commit that its revision is
 * @param folder of the snapshot
 * @param files that were asked for
 * @param bytes of these
 * @param fetchedBytes of these that were not there before
 * @param seconds that it took
 */
record DownloadReport(String model, String commit, String folder, int files, long bytes, long fetchedBytes,
        double seconds) implements Report {

    static DownloadReport of(DownloadedModel model, double seconds) {
        return new DownloadReport(model.id().toString(), model.commit(), model.folder().toString(), model.files(),
                model.bytes(), model.fetchedBytes(), seconds);
    }

    @Override
    public void print(PrintWriter out) {
        out.printf("%s: %d files, %s, of which %s were fetched in %.1f s%n", model, files, ByteSize.text(bytes),
                ByteSize.text(fetchedBytes), seconds);
        out.println(folder);
    }
}
