package org.quantado.models.jinja;

import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Map;

/** Python's {@code strftime}, in English. */
final class StrfTime {
    /** Directives, and what java.time calls them. */
    private static final Map<String, String> PATTERNS = Map.ofEntries(Map.entry("d", "dd"), Map.entry("-d", "d"),
            Map.entry("b", "MMM"), Map.entry("B", "MMMM"), Map.entry("m", "MM"), Map.entry("-m", "M"),
            Map.entry("y", "yy"), Map.entry("Y", "uuuu"), Map.entry("a", "EEE"), Map.entry("A", "EEEE"),
            Map.entry("H", "HH"), Map.entry("-H", "H"), Map.entry("I", "hh"), Map.entry("-I", "h"),
            Map.entry("M", "mm"), Map.entry("S", "ss"), Map.entry("p", "a"), Map.entry("j", "DDD"),
            Map.entry("f", "SSSSSS"), Map.entry("F", "uuuu-MM-dd"), Map.entry("T", "HH:mm:ss"));

    private StrfTime() {
    }

    static String format(String format, ZonedDateTime time) {
        StringBuilder text = new StringBuilder();
        int i = 0;
        while (i < format.length()) {
            char c = format.charAt(i++);
            if (c != '%') {
                text.append(c);
                continue;
            }
            int end = Math.min(format.length(), i + (format.startsWith("-", i) ? 2 : 1));
            String directive = format.substring(i, end);
            i = end;
            if (directive.equals("%")) {
                text.append('%');
            } else if (PATTERNS.containsKey(directive)) {
                text.append(DateTimeFormatter.ofPattern(PATTERNS.get(directive), Locale.ENGLISH).format(time));
            } else {
                throw new TemplateException("strftime_now() was given %" + directive + ", which is not known");
            }
        }
        return text.toString();
    }
}
