package org.quantado.models.jinja;

import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Values as Python's {@code json.dumps} writes them; transformers' {@code tojson} escapes nothing for HTML.
 *
 * @param indent spaces of a level; below 0 for one line
 * @param itemSeparator between elements
 * @param keySeparator between key and value
 * @param ascii whether other characters are escaped
 * @param sorted whether keys are sorted
 */
record JsonText(int indent, String itemSeparator, String keySeparator, boolean ascii, boolean sorted) {
    private static final int MOST_INDENT = 100;

    /** The filter {@code tojson}. */
    static String filter(Arguments arguments) {
        Arguments.Bound bound = arguments.bind("tojson", 1, "x", "ensure_ascii", "indent", "separators", "sort_keys");
        boolean indented = bound.orElse(2, null) != null;
        int indent = indented ? Math.clamp(bound.integer(2), 0, MOST_INDENT) : -1;
        List<Object> separators = bound.orElse(3, null) == null
                ? List.of(indented ? "," : ", ", ": ")
                : Values.elements(bound.get(3));
        if (separators.size() != 2) {
            throw new TemplateException("tojson() was given " + separators.size() + " separators, expected two");
        }
        JsonText json = new JsonText(indent, PythonText.str(separators.getFirst()),
                PythonText.str(separators.getLast()), bound.truth(1), bound.truth(4));
        StringBuilder out = new StringBuilder();
        json.write(bound.get(0), 0, out);
        return out.toString();
    }

    private void write(Object value, int depth, StringBuilder out) {
        switch (value) {
            case null -> out.append("null");
            case String text -> writeString(text, out);
            case Boolean truth -> out.append(truth);
            case Long number -> out.append(number);
            case Double number -> out.append(number(number));
            case List<?> list -> {
                Iterator<?> elements = list.iterator();
                writeAll("[", "]", depth, elements, out, () -> write(elements.next(), depth + 1, out));
            }
            case Map<?, ?> map -> {
                Iterator<? extends Map.Entry<?, ?>> entries = (sorted ? new TreeMap<>(map) : map).entrySet()
                        .iterator();
                writeAll("{", "}", depth, entries, out, () -> {
                    Map.Entry<?, ?> entry = entries.next();
                    writeString(key(entry.getKey()), out);
                    out.append(keySeparator);
                    write(entry.getValue(), depth + 1, out);
                });
            }
            case Undefined undefined -> throw undefined.error();
            default -> throw new TemplateException("a " + Values.typeName(value) + " is not written as JSON");
        }
    }

    private void writeAll(String opening, String closing, int depth, Iterator<?> remaining, StringBuilder out,
            Runnable next) {
        out.append(opening);
        if (remaining.hasNext()) {
            breakLine(depth + 1, out);
            next.run();
            while (remaining.hasNext()) {
                out.append(itemSeparator);
                breakLine(depth + 1, out);
                next.run();
            }
            breakLine(depth, out);
        }
        out.append(closing);
    }

    private void breakLine(int depth, StringBuilder out) {
        if (indent >= 0) {
            out.append('\n').repeat(' ', depth * indent);
        }
    }

    private static String key(Object key) {
        return switch (key) {
            case String text -> text;
            case null -> "null";
            case Boolean truth -> truth.toString();
            case Double number -> number(number);
            default -> key.toString();
        };
    }

    private static String number(double number) {
        return Double.isNaN(number)
                ? "NaN"
                : Double.isInfinite(number) ? number > 0 ? "Infinity" : "-Infinity" : PythonText.number(number);
    }

    private void writeString(String text, StringBuilder out) {
        out.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '"' -> out.append("\\\"");
                case '\\' -> out.append("\\\\");
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                case '\b' -> out.append("\\b");
                case '\f' -> out.append("\\f");
                default -> {
                    if (c < ' ' || (ascii && c > '~')) {
                        out.append(String.format("\\u%04x", (int) c));
                    } else {
                        out.append(c);
                    }
                }
            }
        }
        out.append('"');
    }
}
