package org.quantado.schemes.config;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;

/**
 * JSON text as Python's {@code json.dumps(value, indent=2, sort_keys=True)} gives it, which is how
 * compressed-tensors writes a {@code config.json}, and Hugging Face an index.
 */
public final class PythonJson {
    private static final String INDENT = "  ";
    /** Python writes floats with an exponent outside of these powers of ten. */
    private static final int LEAST_PLAIN_EXPONENT = -4;
    private static final int MOST_PLAIN_EXPONENT = 15;

    private final StringBuilder text = new StringBuilder();

    private PythonJson() {
    }

    /** A value and all in it as text. */
    public static String text(JsonNode value) {
        PythonJson writer = new PythonJson();
        writer.write(value, "\n");
        return writer.text.toString();
    }

    private void write(JsonNode value, String lineBreak) {
        if (value.isObject()) {
            writeObject(value, lineBreak);
        } else if (value.isArray()) {
            writeArray(value, lineBreak);
        } else if (value.isTextual()) {
            writeString(value.textValue());
        } else if (value.isFloatingPointNumber()) {
            text.append(number(value.doubleValue()));
        } else {
            text.append(value.asText());
        }
    }

    private void writeObject(JsonNode object, String lineBreak) {
        List<String> names = new ArrayList<>();
        object.fieldNames().forEachRemaining(names::add);
        Collections.sort(names);
        Iterator<String> remaining = names.iterator();
        text.append('{');
        while (remaining.hasNext()) {
            String name = remaining.next();
            text.append(lineBreak).append(INDENT);
            writeString(name);
            text.append(": ");
            write(object.get(name), lineBreak + INDENT);
            text.append(remaining.hasNext() ? "," : lineBreak);
        }
        text.append('}');
    }

    private void writeArray(JsonNode array, String lineBreak) {
        Iterator<JsonNode> remaining = array.iterator();
        text.append('[');
        while (remaining.hasNext()) {
            text.append(lineBreak).append(INDENT);
            write(remaining.next(), lineBreak + INDENT);
            text.append(remaining.hasNext() ? "," : lineBreak);
        }
        text.append(']');
    }

    private void writeString(String string) {
        text.append('"');
        for (int i = 0; i < string.length(); i++) {
            char c = string.charAt(i);
            switch (c) {
                case '"' -> text.append("\\\"");
                case '\\' -> text.append("\\\\");
                case '\n' -> text.append("\\n");
                case '\r' -> text.append("\\r");
                case '\t' -> text.append("\\t");
                case '\b' -> text.append("\\b");
                case '\f' -> text.append("\\f");
                default -> {
                    if (c < ' ' || c > '~') {
                        text.append(String.format("\\u%04x", (int) c));
                    } else {
                        text.append(c);
                    }
                }
            }
        }
        text.append('"');
    }

    /** The shortest digits that give the number back, as in Java, in Python's notation. */
    private static String number(double value) {
        if (!Double.isFinite(value) || value == 0) {
            return Double.toString(value);
        }
        BigDecimal digits = new BigDecimal(Double.toString(value)).stripTrailingZeros();
        int exponent = digits.precision() - digits.scale() - 1;
        if (exponent >= LEAST_PLAIN_EXPONENT && exponent <= MOST_PLAIN_EXPONENT) {
            return digits.scale() > 0 ? digits.toPlainString() : digits.toPlainString() + ".0";
        }
        BigDecimal mantissa = digits.movePointLeft(exponent);
        return mantissa.toPlainString() + (exponent < 0 ? "e-" : "e+") + (Math.abs(exponent) < 10 ? "0" : "")
                + Math.abs(exponent);
    }
}
