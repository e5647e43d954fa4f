package org.quantado.models.jinja;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.quantado.models.jinja.Token.Kind;

/**
 * Cuts a template into tokens. Whitespace goes as {@code trim_blocks} and {@code lstrip_blocks} have it: the first
 * line end after a tag or comment, and what stands before one on its line; and where a tag has a minus. One line end at
 * the end of the template goes, too.
 */
final class Lexer {
    private static final Pattern BEGIN = Pattern.compile("\\{([{%#])([-+]?)");
    private static final Pattern RAW = Pattern.compile("\\G\\s*raw\\s*(-?)%\\}");
    private static final Pattern END_RAW = Pattern.compile("\\{%([-+]?)\\s*endraw\\s*([-+]?)%\\}");
    private static final Pattern NAME = Pattern.compile("\\G[\\p{L}_][\\p{L}\\p{N}_]*");
    private static final Pattern NUMBER = Pattern
            .compile("\\G\\d[\\d_]*(?<float>\\.\\d[\\d_]*(?:[eE][+-]?\\d+)?|[eE][+-]?\\d+)?");
    private static final Pattern SYMBOL = Pattern.compile("\\G(?:==|!=|<=|>=|//|\\*\\*|[-+*/%~<>=|.,:()\\[\\]{}])");
    private static final String OPENING = "([{";
    private static final String CLOSING = ")]}";

    private final String source;
    private final List<Token> tokens = new ArrayList<>();
    private int position;
    /** Whether what comes next begins a line. */
    private boolean lineBegins = true;
    private int line = 1;
    private int lineKnownTo;

    private Lexer(String source) {
        this.source = source;
    }

    /** All tokens, the end included. */
    static List<Token> tokens(String template) {
        String source = template.replace("\r\n", "\n").replace('\r', '\n');
        Lexer lexer = new Lexer(source.endsWith("\n") ? source.substring(0, source.length() - 1) : source);
        lexer.run();
        return lexer.tokens;
    }

    private void run() {
        Matcher begin = BEGIN.matcher(source);
        while (begin.find(position)) {
            boolean output = begin.group(1).equals("{");
            text(source.substring(position, begin.start()), begin.group(2), !output);
            position = begin.end();
            switch (begin.group(1)) {
                case "#" -> comment(begin.start());
                case "{" -> {
                    add(Kind.OUTPUT_BEGIN, "{{", begin.start());
                    expression("}}", Kind.OUTPUT_END);
                }
                default -> tag(begin.start());
            }
        }
        text(source.substring(position), "", false);
        position = source.length();
        add(Kind.END, "", position);
    }

    private void text(String text, String sign, boolean stripsLine) {
        int lineStart = text.lastIndexOf('\n') + 1;
        String kept = text;
        if (sign.equals("-")) {
            kept = text.stripTrailing();
        } else if (stripsLine && sign.isEmpty() && (lineStart > 0 || lineBegins)
                && text.substring(lineStart).isBlank()) {
            kept = text.substring(0, lineStart);
        }
        if (!kept.isEmpty()) {
            add(Kind.TEXT, kept, position);
        }
    }

    private void comment(int start) {
        int end = source.indexOf("#}", position);
        if (end < 0) {
            throw new TemplateException("a comment has no end").at(lineOf(start));
        }
        char sign = end > position ? source.charAt(end - 1) : ' ';
        position = end + 2;
        afterTag(sign == '-' ? "-" : sign == '+' ? "+" : "", true);
    }

    private void tag(int start) {
        Matcher raw = RAW.matcher(source);
        if (raw.find(position)) {
            position = raw.end();
            afterTag(raw.group(1), false);
            raw(start);
            return;
        }
        add(Kind.TAG_BEGIN, "{%", start);
        expression("%}", Kind.TAG_END);
    }

    private void raw(int start) {
        Matcher end = END_RAW.matcher(source);
        if (!end.find(position)) {
            throw new TemplateException("raw has no endraw").at(lineOf(start));
        }
        text(source.substring(position, end.start()), end.group(1), true);
        position = end.end();
        afterTag(end.group(2), true);
    }

    /** Goes past the whitespace that a closed tag takes with it. */
    private void afterTag(String sign, boolean takesLineEnd) {
        int from = position;
        if (sign.equals("-")) {
            while (position < source.length() && Character.isWhitespace(source.charAt(position))) {
                position++;
            }
        } else if (takesLineEnd && sign.isEmpty() && position < source.length() && source.charAt(position) == '\n') {
            position++;
        }
        lineBegins = position > from && source.charAt(position - 1) == '\n';
    }

    /** Reads tokens up to the end of a tag. */
    private void expression(String end, Kind endKind) {
        Deque<Character> open = new ArrayDeque<>();
        while (true) {
            while (position < source.length() && Character.isWhitespace(source.charAt(position))) {
                position++;
            }
            if (position == source.length()) {
                throw new TemplateException("found the end of the template, expected '" + end + "'")
                        .at(lineOf(position));
            }
            if (open.isEmpty() && closes(end, endKind)) {
                return;
            }
            token(open);
        }
    }

    private boolean closes(String end, Kind endKind) {
        boolean tag = endKind == Kind.TAG_END;
        char c = source.charAt(position);
        boolean signed = (c == '-' || (c == '+' && tag)) && source.startsWith(end, position + 1);
        if (!signed && !source.startsWith(end, position)) {
            return false;
        }
        add(endKind, end, position);
        position += end.length() + (signed ? 1 : 0);
        afterTag(signed ? String.valueOf(c) : "", tag);
        return true;
    }

    private void token(Deque<Character> open) {
        char c = source.charAt(position);
        Matcher number = NUMBER.matcher(source);
        if (c == '"' || c == '\'') {
            string(c);
        } else if (number.find(position)) {
            take(number.group("float") == null ? Kind.INTEGER : Kind.FLOAT, number.group());
        } else if (!take(Kind.NAME, NAME) && !take(Kind.SYMBOL, SYMBOL)) {
            throw new TemplateException("found '" + c + "', expected an expression").at(lineOf(position));
        }
        if (OPENING.indexOf(c) >= 0) {
            open.push(CLOSING.charAt(OPENING.indexOf(c)));
        } else if (CLOSING.indexOf(c) >= 0 && (open.isEmpty() || open.pop() != c)) {
            throw new TemplateException("found '" + c + "', which nothing opened").at(lineOf(position));
        }
    }

    private boolean take(Kind kind, Pattern pattern) {
        Matcher matcher = pattern.matcher(source);
        boolean found = matcher.find(position);
        if (found) {
            take(kind, matcher.group());
        }
        return found;
    }

    private void take(Kind kind, String text) {
        add(kind, text, position);
        position += text.length();
    }

    private void string(char quote) {
        int end = position + 1;
        while (end < source.length() && source.charAt(end) != quote) {
            end += source.charAt(end) == '\\' ? 2 : 1;
        }
        if (end >= source.length()) {
            throw new TemplateException("a string has no end").at(lineOf(position));
        }
        try {
            add(Kind.STRING, StringLiteral.value(source.substring(position + 1, end)), position);
        } catch (TemplateException e) {
            throw e.at(lineOf(position));
        }
        position = end + 1;
    }

    private void add(Kind kind, String text, int at) {
        tokens.add(new Token(kind, text, lineOf(at)));
    }

    private int lineOf(int at) {
        while (lineKnownTo < at) {
            line += source.charAt(lineKnownTo) == '\n' ? 1 : 0;
            lineKnownTo++;
        }
        return line;
    }
}
