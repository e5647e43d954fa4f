package org.quantado.schemes.download;

import java.nio.file.Path;

import org.quantado.schemes.hub.ModelId;

/**
 * A model that is in the cache now.
 *
 * @param id that was asked for
 * @param commit that its revision is
 * @param folder of the snapshot
 * @param files that were asked for
 * @param bytes of these
 * @param fetchedBytes of these that were not there before
 */
public record DownloadedModel(ModelId id, String commit, Path folder, int files, long bytes, long fetchedBytes) {
}
