package org.quantado.schemes.download;

import java.net.http.HttpHeaders;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** How long a server that has too much to do wants to be left alone. */
final class RetryAfter {
    /** Seconds until there is something left, {@code "api";r=0;t=55}; of the IETF's draft on such headers. */
    private static final Pattern NOTHING_LEFT = Pattern.compile(".*;\\s*r\\s*=\\s*0\\s*;\\s*t\\s*=\\s*(\\d{1,9}).*");
    private static final Pattern SECONDS = Pattern.compile("\\d{1,9}");

    private RetryAfter() {
    }

    /** What it says by {@code RateLimit} or {@code Retry-After}, in seconds or as a date. */
    static Optional<Duration> of(HttpHeaders headers, Instant now) {
        Optional<Duration> limit = headers.firstValue("ratelimit").map(NOTHING_LEFT::matcher).filter(Matcher::matches)
                .map(match -> Duration.ofSeconds(Long.parseLong(match.group(1))));
        return limit.or(() -> headers.firstValue("retry-after").flatMap(text -> read(text.strip(), now)));
    }

    private static Optional<Duration> read(String text, Instant now) {
        if (SECONDS.matcher(text).matches()) {
            return Optional.of(Duration.ofSeconds(Long.parseLong(text)));
        }
        try {
            Instant then = ZonedDateTime.parse(text, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant();
            return Optional.of(then.isBefore(now) ? Duration.ZERO : Duration.between(now, then));
        } catch (DateTimeParseException e) {
            return Optional.empty();
        }
    }
}
