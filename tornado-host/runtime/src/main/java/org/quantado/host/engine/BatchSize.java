package org.quantado.host.engine;

import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.quantado.host.HostEngineException;

/** The size of a batch as the API takes it: {@code 512MB}. */
record BatchSize(long bytes) {
    private static final Pattern FORMAT = Pattern.compile("(\\d+)(MB|mb|GB|gb)");
    private static final Map<String, Long> UNITS = Map.of("MB", 1L << 20, "GB", 1L << 30);

    static BatchSize of(String text) {
        Matcher matcher = FORMAT.matcher(text);
        if (!matcher.matches()) {
            throw new HostEngineException("a batch of " + text + "; expected a number of MB or GB, such as 512MB");
        }
        return new BatchSize(Long.parseLong(matcher.group(1)) * UNITS.get(matcher.group(2).toUpperCase(Locale.ROOT)));
    }
}
