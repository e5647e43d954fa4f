package org.quantado.schemes.checkpoint;

/**
 * Text from outside, such as names and paths, as it can be printed: on one line, with nothing that a terminal obeys.
 */
public final class Escaped {
    private Escaped() {
    }

    /**
     * The text with all that is not seen written as in a Java string, {@code \n} or {@code \u001b}: control and format
     * characters (some turn the direction of what follows), line separators, halves of a pair.
     */
    public static String text(String text) {
        StringBuilder shown = new StringBuilder(text.length());
        text.codePoints().forEach(c -> append(shown, c));
        return shown.toString();
    }

    private static void append(StringBuilder shown, int c) {
        switch (c) {
            case '\n' -> shown.append("\\n");
            case '\r' -> shown.append("\\r");
            case '\t' -> shown.append("\\t");
            default -> {
                if (isSeen(c)) {
                    shown.appendCodePoint(c);
                } else {
                    for (char half : Character.toChars(c)) {
                        shown.append(String.format("\\u%04x", (int) half));
                    }
                }
            }
        }
    }

    private static boolean isSeen(int c) {
        return switch (Character.getType(c)) {
            case Character.CONTROL, Character.FORMAT, Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR,
                    Character.SURROGATE ->
                false;
            default -> true;
        };
    }
}
