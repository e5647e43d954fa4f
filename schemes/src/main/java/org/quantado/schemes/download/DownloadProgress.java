package org.quantado.schemes.download;

/** Told how far a download is, by several threads. */
public interface DownloadProgress {
    /** Nobody wants to know. */
    DownloadProgress NONE = new DownloadProgress() {
        @Override
        public void begin(long bytes) {
            // nobody wants to know
        }

        @Override
        public void advance(long bytes) {
            // nobody wants to know
        }
    };

    /**
     * Fetching begins.
     *
     * @param bytes of all files, those included that are there already
     */
    void begin(long bytes);

    /**
     * So many bytes more are there.
     *
     * @param bytes negative where bytes were of no use and are fetched anew
     */
    void advance(long bytes);

    /** Another process is fetching the same file, and is waited for. */
    default void waiting() {
        // nobody wants to know
    }
}
