package org.quantado.models.jinja;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/** Filters of lists, dicts and the characters of strings. */
final class ListFilters {
    private static final Map<String, Function> FILTERS = new HashMap<>();

    static {
        simple("length", Values::length);
        simple("count", Values::length);
        simple("list", Values::elements);
        simple("items", value -> switch (value) {
            case Map<?, ?> map -> MapMethods.items(map);
            case Undefined undefined -> List.of();
            case null, default -> throw new TemplateException("items was given '" + Values.typeName(value)
                    + "' and expects a dict");
        });
        simple("first", value -> end(Values.elements(value), List::getFirst));
        simple("last", value -> end(Values.elements(value), List::getLast));
        simple("reverse", value -> value instanceof String text
                ? new StringBuilder(text).reverse().toString()
                : Filters.reversed(Values.elements(value)));
        FILTERS.put("join", arguments -> {
            Arguments.Bound bound = arguments.bind("join", 1, "value", "d", "attribute");
            UnaryOperator<Object> attribute = attribute(bound.orElse(2, null));
            return Values.elements(bound.get(0)).stream().map(attribute).map(PythonText::str)
                    .collect(Collectors.joining(PythonText.str(bound.orElse(1, ""))));
        });
        FILTERS.put("map", ListFilters::map);
        FILTERS.put("select", arguments -> select(arguments, false, true));
        FILTERS.put("reject", arguments -> select(arguments, false, false));
        FILTERS.put("selectattr", arguments -> select(arguments, true, true));
        FILTERS.put("rejectattr", arguments -> select(arguments, true, false));
        FILTERS.put("sort", arguments -> {
            Arguments.Bound bound = arguments.bind("sort", 1, "value", "reverse", "case_sensitive", "attribute");
            return sorted(Values.elements(bound.get(0)), key(bound, 2, 3), bound.truth(1));
        });
        FILTERS.put("unique", arguments -> {
            Arguments.Bound bound = arguments.bind("unique", 1, "value", "case_sensitive", "attribute");
            UnaryOperator<Object> key = key(bound, 1, 2);
            List<Object> unique = new ArrayList<>();
            for (Object element : Values.elements(bound.get(0))) {
                if (unique.stream().noneMatch(other -> Values.equal(key.apply(other), key.apply(element)))) {
                    unique.add(element);
                }
            }
            return unique;
        });
        FILTERS.put("dictsort", arguments -> {
            Arguments.Bound bound = arguments.bind("dictsort", 1, "value", "case_sensitive", "by", "reverse");
            if (!(bound.get(0) instanceof Map<?, ?> map)) {
                throw new TemplateException("dictsort expects a dict");
            }
            long by = bound.orElse(2, "key").equals("value") ? 1 : 0;
            UnaryOperator<Object> fold = caseFold(bound.truth(1));
            return sorted(MapMethods.items(map), item -> fold.apply(Attributes.element(item, by)), bound.truth(3));
        });
        FILTERS.put("sum", arguments -> {
            Arguments.Bound bound = arguments.bind("sum", 1, "iterable", "attribute", "start");
            UnaryOperator<Object> attribute = attribute(bound.orElse(1, null));
            Object sum = bound.orElse(2, 0L);
            for (Object element : Values.elements(bound.get(0))) {
                sum = Operators.add(sum, attribute.apply(element));
            }
            return sum;
        });
        FILTERS.put("min", arguments -> extreme("min", arguments, false));
        FILTERS.put("max", arguments -> extreme("max", arguments, true));
    }

    private ListFilters() {
    }

    static Map<String, Function> all() {
        return FILTERS;
    }

    private static void simple(String name, UnaryOperator<Object> filter) {
        FILTERS.put(name, arguments -> filter.apply(arguments.bind(name, 1, "value").get(0)));
    }

    private static Object end(List<Object> elements, java.util.function.Function<List<Object>, Object> end) {
        return elements.isEmpty() ? new Undefined("there is no first or last element") : end.apply(elements);
    }

    private static Object extreme(String name, Arguments arguments, boolean largest) {
        Arguments.Bound bound = arguments.bind(name, 1, "value", "case_sensitive", "attribute");
        List<Object> sorted = sorted(Values.elements(bound.get(0)), key(bound, 1, 2), largest);
        return sorted.isEmpty() ? new Undefined("there is no element to take the " + name + " of") : sorted.getFirst();
    }

    private static List<Object> sorted(List<Object> elements, UnaryOperator<Object> key, boolean falling) {
        Comparator<Object> order = (left, right) -> Operators.order("<", key.apply(left), key.apply(right));
        List<Object> sorted = new ArrayList<>(elements);
        sorted.sort(falling ? order.reversed() : order);
        return sorted;
    }

    private static UnaryOperator<Object> key(Arguments.Bound bound, int caseSensitive, int attribute) {
        UnaryOperator<Object> fold = caseFold(bound.truth(caseSensitive));
        UnaryOperator<Object> value = attribute(bound.orElse(attribute, null));
        return element -> fold.apply(value.apply(element));
    }

    private static UnaryOperator<Object> caseFold(boolean caseSensitive) {
        return value -> !caseSensitive && value instanceof String text ? text.toLowerCase(Locale.ROOT) : value;
    }

    /** What {@code attribute='a.b'} takes of an element; the element itself where there is no name. */
    private static UnaryOperator<Object> attribute(Object name) {
        if (name == null) {
            return UnaryOperator.identity();
        }
        return element -> {
            Object value = element;
            for (String part : PythonText.str(name).split("\\.", -1)) {
                value = Attributes.element(value,
                        part.chars().allMatch(Character::isDigit) ? (Object) Long.valueOf(part) : part);
            }
            return value;
        };
    }

    private static List<Object> map(Arguments arguments) {
        List<Object> elements = Values.elements(arguments.positional().getFirst());
        if (arguments.named().containsKey("attribute")) {
            Arguments.Bound bound = arguments.bind("map", 1, "value", "attribute", "default");
            UnaryOperator<Object> attribute = attribute(bound.get(1));
            elements.replaceAll(element -> {
                Object value = attribute.apply(element);
                return value instanceof Undefined ? bound.orElse(2, value) : value;
            });
            return elements;
        }
        if (arguments.positional().size() < 2) {
            throw new TemplateException("map() lacks the name of a filter, or attribute=");
        }
        String name = PythonText.str(arguments.positional().get(1));
        Function filter = Filters.named(name)
                .orElseThrow(() -> new TemplateException("the filter " + name + " is not known"));
        elements.replaceAll(element -> filter.call(with(element, arguments, 2)));
        return elements;
    }

    private static Arguments with(Object first, Arguments arguments, int from) {
        List<Object> positional = new ArrayList<>();
        positional.add(first);
        positional.addAll(arguments.positional().subList(from, arguments.positional().size()));
        return new Arguments(positional, arguments.named());
    }

    private static List<Object> select(Arguments arguments, boolean byAttribute, boolean wanted) {
        List<Object> given = arguments.positional();
        int next = 1;
        UnaryOperator<Object> attribute = UnaryOperator.identity();
        if (byAttribute) {
            if (given.size() < 2) {
                throw new TemplateException("selectattr or rejectattr lacks the name of an attribute");
            }
            attribute = attribute(given.get(next++));
        }
        List<Object> selected = new ArrayList<>();
        for (Object element : Values.elements(given.getFirst())) {
            Object value = attribute.apply(element);
            if (holds(value, arguments, next) == wanted) {
                selected.add(element);
            }
        }
        return selected;
    }

    private static boolean holds(Object value, Arguments arguments, int next) {
        if (arguments.positional().size() <= next) {
            return Values.truth(value);
        }
        String name = PythonText.str(arguments.positional().get(next));
        Function test = Tests.named(name)
                .orElseThrow(() -> new TemplateException("the test " + name + " is not known"));
        return Values.truth(test.call(with(value, arguments, next + 1)));
    }
}
