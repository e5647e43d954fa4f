package org.quantado.server.http;

import java.util.regex.Pattern;

/** Names of this machine that no other machine can be reached by. */
final class Hosts {
    private static final Pattern LOOPBACK = Pattern.compile(
            "(?i)localhost|127(\\.\\d{1,3}){3}|::1|\\[::1]");
    private static final Pattern PORT = Pattern.compile(":\\d{1,5}$");

    private Hosts() {
    }

    static boolean isLoopback(String host) {
        return LOOPBACK.matcher(host).matches();
    }

    /** Whether a header Host names the loopback interface, as it must where a page of another site must not ask. */
    static boolean namesLoopback(String header) {
        return isLoopback(PORT.matcher(header).replaceFirst(""));
    }
}
