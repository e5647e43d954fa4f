package org.quantado.models.jinja;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;

/** What stands after {@code |}: filters of one value. Those of many are {@link ListFilters}. */
final class Filters {
    private static final int DEFAULT_INDENT = 4;
    private static final Map<String, Function> FILTERS = new HashMap<>(ListFilters.all());

    static {
        FILTERS.put("tojson", JsonText::filter);
        text("upper", text -> text.toUpperCase(Locale.ROOT));
        text("lower", text -> text.toLowerCase(Locale.ROOT));
        text("capitalize", StringMethods::capitalize);
        text("title", Filters::title);
        text("string", UnaryOperator.identity());
        text("safe", UnaryOperator.identity());
        FILTERS.put("trim", arguments -> {
            Arguments.Bound bound = arguments.bind("trim", 1, "value", "chars");
            return StringMethods.strip(PythonText.str(bound.get(0)), bound, 1, true, true);
        });
        FILTERS.put("replace", arguments -> {
            Arguments.Bound bound = arguments.bind("replace", 3, "s", "old", "new", "count");
            return StringMethods.replace(PythonText.str(bound.get(0)), PythonText.str(bound.get(1)),
                    PythonText.str(bound.get(2)), bound.orElse(3, null) == null ? -1 : bound.integer(3));
        });
        FILTERS.put("indent", Filters::indent);
        Function fallback = arguments -> {
            Arguments.Bound bound = arguments.bind("default", 1, "value", "default_value", "boolean");
            Object value = bound.get(0);
            return value instanceof Undefined || (bound.truth(2) && !Values.truth(value)) ? bound.orElse(1, "") : value;
        };
        FILTERS.put("default", fallback);
        FILTERS.put("d", fallback);
        FILTERS.put("int", arguments -> {
            Arguments.Bound bound = arguments.bind("int", 1, "value", "default");
            return integer(bound.get(0)).orElse(bound.orElse(1, 0L));
        });
        FILTERS.put("float", arguments -> {
            Arguments.Bound bound = arguments.bind("float", 1, "value", "default");
            return number(bound.get(0)).map(Object.class::cast).orElse(bound.orElse(1, 0.0));
        });
        FILTERS.put("abs", arguments -> {
            Object value = arguments.bind("abs", 1, "x").get(0);
            return Operators.order("<", value, 0L) < 0 ? Operators.negate(value) : value;
        });
        FILTERS.put("round", arguments -> {
            Object value = arguments.bind("round", 1, "value").get(0);
            return Math.rint(Values.toDouble(Operators.add(value, 0.0)));
        });
    }

    private Filters() {
    }

    static Optional<Function> named(String name) {
        return Optional.ofNullable(FILTERS.get(name));
    }

    private static void text(String name, UnaryOperator<String> filter) {
        FILTERS.put(name, arguments -> filter.apply(PythonText.str(arguments.bind(name, 1, "s").get(0))));
    }

    /** Words begin after white space, a minus or an opening bracket. */
    private static String title(String text) {
        StringBuilder title = new StringBuilder();
        boolean begins = true;
        for (String character : PythonText.characters(text)) {
            title.append(begins ? character.toUpperCase(Locale.ROOT) : character.toLowerCase(Locale.ROOT));
            begins = PythonText.isSpace(character.codePointAt(0)) || "-({[<".contains(character);
        }
        return title.toString();
    }

    private static String indent(Arguments arguments) {
        Arguments.Bound bound = arguments.bind("indent", 1, "s", "width", "first", "blank");
        Object width = bound.orElse(1, (long) DEFAULT_INDENT);
        String indent = width instanceof String text ? text : " ".repeat(Math.max(0, Values.index("indent", width)));
        List<String> lines = new ArrayList<>(PythonText.str(bound.get(0)).lines().toList());
        if (PythonText.str(bound.get(0)).endsWith("\n")) {
            lines.add("");
        }
        boolean blank = bound.truth(3);
        for (int i = bound.truth(2) ? 0 : 1; i < lines.size(); i++) {
            lines.set(i, lines.get(i).isEmpty() && !blank && i > 0 ? "" : indent + lines.get(i));
        }
        return String.join("\n", lines);
    }

    private static Optional<Object> integer(Object value) {
        if (value instanceof String text) {
            try {
                return Optional.of(Long.valueOf(text.strip()));
            } catch (NumberFormatException e) {
                return number(value).map(number -> (long) number.doubleValue());
            }
        }
        return value instanceof Long ? Optional.of(value) : number(value).map(number -> (long) number.doubleValue());
    }

    private static Optional<Double> number(Object value) {
        if (Values.isNumber(value)) {
            return Optional.of(Values.toDouble(value));
        }
        if (value instanceof String text) {
            try {
                return Optional.of(Double.valueOf(text.strip()));
            } catch (NumberFormatException e) {
                return Optional.empty();
            }
        }
        return Optional.empty();
    }

    static List<Object> reversed(List<Object> list) {
        List<Object> reversed = new ArrayList<>(list);
        Collections.reverse(reversed);
        return reversed;
    }
}
