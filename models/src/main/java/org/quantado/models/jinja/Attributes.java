package org.quantado.models.jinja;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** What follows a value: {@code .name}, {@code [index]} or {@code [from:to:step]}. */
final class Attributes {
    private Attributes() {
    }

    /** An attribute or method; where there is none, the element of this name. */
    static Object attribute(Object of, String name) {
        return switch (of) {
            case Undefined undefined -> throw undefined.error();
            case String text -> StringMethods.find(text, name).map(Object.class::cast)
                    .orElseGet(() -> Undefined.attribute(of, name));
            case Map<?, ?> map -> MapMethods.find(map, name).map(Object.class::cast)
                    .orElseGet(() -> map.containsKey(name) ? map.get(name) : Undefined.attribute(of, name));
            case Namespace(Map<String, Object> attributes) -> attributes.containsKey(name)
                    ? attributes.get(name)
                    : Undefined.attribute(of, name);
            case ForLoop.Round round -> round.attribute(name);
            case List<?> list -> listMethod(list, name);
            case null, default -> Undefined.attribute(of, name);
        };
    }

    private static Object listMethod(List<?> list, String name) {
        return switch (name) {
            case "index", "count" -> throw new TemplateException("the method " + name + " of a list is not known");
            case "append", "extend", "insert", "pop", "remove", "clear", "reverse", "sort" ->
                throw new TemplateException(
                        "a list cannot be changed (" + name + ")");
            default -> Undefined.attribute(list, name);
        };
    }

    /** An element by its key or index; where there is none, the attribute of this name. */
    static Object element(Object of, Object index) {
        return switch (of) {
            case Undefined undefined -> throw undefined.error();
            case Map<?, ?> map when map.containsKey(index) -> map.get(index);
            case List<?> list when index instanceof Long || index instanceof Boolean -> {
                int i = position(index, list.size());
                yield i < 0 ? Undefined.element(of, index) : list.get(i);
            }
            case String text when index instanceof Long || index instanceof Boolean -> {
                int i = position(index, PythonText.length(text));
                yield i < 0 ? Undefined.element(of, index) : PythonText.characters(text).get(i);
            }
            case null, default -> index instanceof String name ? attribute(of, name) : Undefined.element(of, index);
        };
    }

    private static int position(Object index, int size) {
        long i = Values.toLong(index) + (Values.toLong(index) < 0 ? size : 0);
        return i >= size || i < 0 ? -1 : (int) i;
    }

    /**
     * Every step-th element.
     *
     * @param from first index, below 0 from the end; null for the first
     * @param to index after the last; null for all
     * @param step null for 1
     */
    static Object slice(Object of, Object from, Object to, Object step) {
        List<?> elements = switch (of) {
            case String text -> PythonText.characters(text);
            case List<?> list -> list;
            case Undefined undefined -> throw undefined.error();
            case null, default -> throw new TemplateException("'" + Values.typeName(of) + "' has no slices");
        };
        int stride = step == null ? 1 : Values.index("a slice", step);
        if (stride == 0) {
            throw new TemplateException("a slice has the step 0");
        }
        int size = elements.size();
        int begin = bound(from, stride > 0 ? 0 : size - 1, size, stride);
        int end = bound(to, stride > 0 ? size : -1, size, stride);
        List<Object> slice = new ArrayList<>();
        for (long i = begin; stride > 0 ? i < end : i > end; i += stride) {
            slice.add(elements.get((int) i));
        }
        if (of instanceof String) {
            StringBuilder text = new StringBuilder();
            slice.forEach(text::append);
            return text.toString();
        }
        return of instanceof Tuple ? new Tuple(slice) : slice;
    }

    private static int bound(Object index, int fallback, int size, int stride) {
        if (index == null) {
            return fallback;
        }
        int i = Values.index("a slice", index);
        int least = stride > 0 ? 0 : -1;
        return Math.clamp(i < 0 ? i + (long) size : i, least, size + least);
    }
}
