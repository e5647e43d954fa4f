package org.quantado.schemes.config;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A regular expression in Python's notation, matched as {@code re.match} does: from the beginning, not necessarily
 * to the end.
 * <p>
 * Patterns come from files, so neither an endless backtracking nor a too deep recursion may get through.
 */
final class PythonRegex {
    /** Looks at one character; sane patterns need thousands at most for a layer's name. */
    private static final int MOST_LOOKS = 5_000_000;
    private static final int LONGEST_PATTERN = 10_000;

    private final Pattern pattern;

    /**
     * @throws IllegalArgumentException if Java has no such expression
     */
    PythonRegex(String text) {
        if (text.length() > LONGEST_PATTERN) {
            throw new IllegalArgumentException("a pattern of " + text.length() + " characters");
        }
        try {
            pattern = Pattern.compile(translate(text), Pattern.UNICODE_CHARACTER_CLASS);
        } catch (StackOverflowError e) {
            throw new IllegalArgumentException("a pattern nested too deep", e);
        }
    }

    /**
     * Whether the beginning of {@code name} matches.
     *
     * @throws IllegalArgumentException if it cannot be decided within reason
     */
    boolean matches(String name) {
        Matcher matcher = pattern.matcher(new CountedLooks(name));
        try {
            return matcher.lookingAt();
        } catch (StackOverflowError e) {
            throw new IllegalArgumentException("a pattern that recurses too deep for " + name.length()
                    + " characters", e);
        }
    }

    /**
     * Python writes named groups as {@code (?P<n>...)} and {@code (?P=n)} and the very end as {@code \Z}; and a
     * bracket or an ampersand inside a character class is only itself.
     */
    private static String translate(String python) {
        StringBuilder java = new StringBuilder(python.length() + 16);
        boolean inClass = false;
        int classStart = 0;
        for (int i = 0; i < python.length(); i++) {
            char c = python.charAt(i);
            if (c == '\\' && i + 1 < python.length()) {
                i++;
                char escaped = python.charAt(i);
                java.append('\\').append(escaped == 'Z' && !inClass ? 'z' : escaped);
            } else if (inClass) {
                if (c == ']' && i > classStart) {
                    inClass = false;
                } else if (c == '[' || c == '&' || c == ']') {
                    java.append('\\');
                }
                java.append(c);
            } else if (c == '[') {
                inClass = true;
                java.append(c);
                if (i + 1 < python.length() && python.charAt(i + 1) == '^') {
                    i++;
                    java.append('^');
                }
                classStart = i + 1;
            } else if (python.startsWith("(?P<", i)) {
                java.append("(?<");
                i += "(?P<".length() - 1;
            } else if (python.startsWith("(?P=", i) && python.indexOf(')', i) > 0) {
                int end = python.indexOf(')', i);
                java.append("\\k<").append(python, i + "(?P=".length(), end).append('>');
                i = end;
            } else {
                java.append(c);
            }
        }
        return java.toString();
    }

    /** A text that ends a match which looks at it too often. */
    private static final class CountedLooks implements CharSequence {
        private final String text;
        private int looks;

        CountedLooks(String text) {
            this.text = text;
        }

        @Override
        public int length() {
            return text.length();
        }

        @Override
        public char charAt(int index) {
            looks++;
            if (looks > MOST_LOOKS) {
                throw new IllegalArgumentException("a pattern that takes too long on " + text.length()
                        + " characters");
            }
            return text.charAt(index);
        }

        @Override
        public CharSequence subSequence(int start, int end) {
            return text.subSequence(start, end);
        }

        @Override
        public String toString() {
            return text;
        }
    }
}
