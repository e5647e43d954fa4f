package org.quantado.models.jinja;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** What Python makes of values: their type, truth, elements and equality. */
final class Values {
    private Values() {
    }

    /** A value of Java's JSON as one of this room's. */
    static Object of(Object value) {
        return switch (value) {
            case null -> null;
            case String text -> text;
            case Boolean truth -> truth;
            case Integer number -> number.longValue();
            case Long number -> number;
            case Double number -> number;
            case Float number -> number.doubleValue();
            case List<?> list -> {
                List<Object> values = new ArrayList<>(list.size());
                list.forEach(element -> values.add(of(element)));
                yield values;
            }
            case Map<?, ?> map -> {
                Map<Object, Object> values = LinkedHashMap.newLinkedHashMap(map.size());
                map.forEach((key, element) -> values.put(of(key), of(element)));
                yield values;
            }
            default -> throw new TemplateException("a variable is a " + value.getClass().getName()
                    + ", expected a value as JSON has them");
        };
    }

    static String typeName(Object value) {
        return switch (value) {
            case null -> "None";
            case String text -> "str";
            case Boolean truth -> "bool";
            case Long number -> "int";
            case Double number -> "float";
            case Tuple tuple -> "tuple";
            case List<?> list -> "list";
            case Map<?, ?> map -> "dict";
            case Undefined undefined -> "undefined";
            case Namespace namespace -> "namespace";
            case ForLoop.Round round -> "loop";
            default -> "function";
        };
    }

    static boolean truth(Object value) {
        return switch (value) {
            case null -> false;
            case Boolean truth -> truth;
            case Long number -> number != 0;
            case Double number -> number != 0;
            case String text -> !text.isEmpty();
            case List<?> list -> !list.isEmpty();
            case Map<?, ?> map -> !map.isEmpty();
            case Undefined undefined -> false;
            default -> true;
        };
    }

    /** What a loop goes over: elements, characters or keys. */
    static List<Object> elements(Object value) {
        return switch (value) {
            case List<?> list -> new ArrayList<>(list);
            case Map<?, ?> map -> new ArrayList<>(map.keySet());
            case String text -> new ArrayList<>(PythonText.characters(text));
            case Undefined undefined -> List.of();
            case null, default -> throw new TemplateException("'" + typeName(value) + "' has no elements");
        };
    }

    static long length(Object value) {
        return value instanceof String text ? PythonText.length(text) : elements(value).size();
    }

    /** Whether two values are equal: numbers by value, true being 1. */
    static boolean equal(Object left, Object right) {
        if (isNumber(left) && isNumber(right)) {
            boolean floats = left instanceof Double || right instanceof Double;
            return floats ? toDouble(left) == toDouble(right) : toLong(left) == toLong(right);
        }
        return switch (left) {
            case Undefined undefined -> right instanceof Undefined;
            case List<?> list -> right instanceof List<?> other && left instanceof Tuple == right instanceof Tuple
                    && equal(list, other);
            case Map<?, ?> map -> right instanceof Map<?, ?> other && map.size() == other.size()
                    && map.entrySet().stream().allMatch(entry -> other.containsKey(entry.getKey())
                            && equal(entry.getValue(), other.get(entry.getKey())));
            case null, default -> Objects.equals(left, right);
        };
    }

    private static boolean equal(List<?> left, List<?> right) {
        if (left.size() != right.size()) {
            return false;
        }
        for (int i = 0; i < left.size(); i++) {
            if (!equal(left.get(i), right.get(i))) {
                return false;
            }
        }
        return true;
    }

    /** Numbers, and what Python counts among them. */
    static boolean isNumber(Object value) {
        return value instanceof Long || value instanceof Double || value instanceof Boolean;
    }

    static long toLong(Object number) {
        return number instanceof Boolean truth ? truth ? 1 : 0 : ((Number) number).longValue();
    }

    static double toDouble(Object number) {
        return number instanceof Boolean ? toLong(number) : ((Number) number).doubleValue();
    }

    /**
     * An integer where one is needed.
     *
     * @param where for the error
     */
    static int index(String where, Object value) {
        if ((value instanceof Long || value instanceof Boolean) && Math.abs(toLong(value)) <= Integer.MAX_VALUE) {
            return (int) toLong(value);
        }
        throw value instanceof Undefined undefined
                ? undefined.error()
                : new TemplateException(where + " was given " + PythonText.repr(value) + " and expects an integer");
    }
}
