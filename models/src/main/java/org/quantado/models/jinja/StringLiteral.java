package org.quantado.models.jinja;

/** Escapes of Python's string literals. */
final class StringLiteral {
    private static final int HEX = 16;
    private static final int OCTAL = 8;
    private static final int LONGEST_OCTAL = 3;

    private StringLiteral() {
    }

    /** The string that stands between quotes. */
    static String value(String literal) {
        StringBuilder value = new StringBuilder();
        int i = 0;
        while (i < literal.length()) {
            char c = literal.charAt(i++);
            if (c != '\\') {
                value.append(c);
                continue;
            }
            char escaped = literal.charAt(i++);
            switch (escaped) {
                case '\n' -> {
                    // goes on in the next line
                }
                case '\\', '\'', '"' -> value.append(escaped);
                case 'n' -> value.append('\n');
                case 't' -> value.append('\t');
                case 'r' -> value.append('\r');
                case 'b' -> value.append('\b');
                case 'f' -> value.append('\f');
                case 'a' -> value.append('\u0007');
                case 'v' -> value.append('\u000b');
                case 'x' -> i = codePoint(literal, i, i + 2, HEX, value);
                case 'u' -> i = codePoint(literal, i, i + 4, HEX, value);
                case 'U' -> i = codePoint(literal, i, i + 8, HEX, value);
                case '0', '1', '2', '3', '4', '5', '6', '7' -> i = codePoint(literal, i - 1,
                        endOfOctal(literal, i - 1), OCTAL, value);
                default -> value.append('\\').append(escaped);
            }
        }
        return value.toString();
    }

    private static int endOfOctal(String literal, int start) {
        int end = start;
        while (end < literal.length() && end < start + LONGEST_OCTAL && literal.charAt(end) >= '0'
                && literal.charAt(end) <= '7') {
            end++;
        }
        return end;
    }

    private static int codePoint(String literal, int start, int end, int radix, StringBuilder value) {
        try {
            value.appendCodePoint(Integer.parseInt(literal, start, end, radix));
            return end;
        } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
            TemplateException exception = new TemplateException("found the escape \\"
                    + literal.substring(start - 1) + ", expected the number of a character");
            exception.initCause(e);
            throw exception;
        }
    }
}
