package org.quantado.schemes.download;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

import org.quantado.schemes.hub.HubException;
import org.quantado.schemes.hub.HubException.Reason;

/**
 * A pattern of paths as huggingface_hub reads it, which is Python's {@code fnmatchcase}: {@code *} stands for anything,
 * slashes included, {@code ?} for one character, {@code [a-z]} and {@code [!a-z]} for one of some or of others; a folder,
 * with a slash at its end, for all that is in it.
 *
 * @param text of the pattern
 * @param expression that matches the same
 */
public record PathPattern(String text, Pattern expression) {
    private static final Pattern PART = Pattern.compile("(?<any>\\*)|(?<one>\\?)|\\[(?<not>!?)(?<set>\\]?[^\\]]*)\\]");

    /**
     * Reads a pattern.
     *
     * @throws HubException if a range in it runs backwards
     */
    static PathPattern of(String text) {
        String pattern = text.endsWith("/") ? text + "*" : text;
        StringBuilder expression = new StringBuilder();
        Matcher parts = PART.matcher(pattern);
        int end = 0;
        while (parts.find()) {
            expression.append(Pattern.quote(pattern.substring(end, parts.start()))).append(expression(parts));
            end = parts.end();
        }
        expression.append(Pattern.quote(pattern.substring(end)));
        try {
            return new PathPattern(text, Pattern.compile(expression.toString(), Pattern.DOTALL));
        } catch (PatternSyntaxException e) {
            throw new HubException(Reason.USAGE, "found pattern '" + text + "', expected one such as *.json or [a-f]*",
                    e);
        }
    }

    private static String expression(Matcher part) {
        if (part.group("any") != null) {
            return ".*";
        }
        if (part.group("one") != null) {
            return ".";
        }
        String not = part.group("not").isEmpty() ? "" : "^";
        return "[" + not + part.group("set").replaceAll("[\\\\\\[\\]^&]", "\\\\$0") + "]";
    }

    boolean matches(String path) {
        return expression.matcher(path).matches();
    }
}
