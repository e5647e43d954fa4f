package org.quantado.schemes.download;

import java.net.URI;
import java.util.Locale;

/**
 * Whom an address belongs to: who may read what is sent there.
 *
 * @param scheme http or https
 * @param host in lower case
 * @param port also where the address leaves it out
 */
record Origin(String scheme, String host, int port) {
    private static final String HTTPS = "https";
    private static final int HTTPS_PORT = 443;
    private static final int HTTP_PORT = 80;

    /** That of an address with a host. */
    static Origin of(URI uri) {
        String scheme = uri.getScheme().toLowerCase(Locale.ROOT);
        int usual = scheme.equals(HTTPS) ? HTTPS_PORT : HTTP_PORT;
        return new Origin(scheme, uri.getHost().toLowerCase(Locale.ROOT), uri.getPort() < 0 ? usual : uri.getPort());
    }

    /** Whether what goes there is encrypted. */
    boolean isSecure() {
        return scheme.equals(HTTPS);
    }

    /** As it is told: without paths and queries, which may hold secrets. */
    @Override
    public String toString() {
        boolean usual = port == (isSecure() ? HTTPS_PORT : HTTP_PORT);
        return scheme + "://" + host + (usual ? "" : ":" + port);
    }
}
