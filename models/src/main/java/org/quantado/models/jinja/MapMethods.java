package org.quantado.models.jinja;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Methods of Python's dict. They hide keys of the same name from {@code .name}, as in Jinja. */
final class MapMethods {
    private static final Set<String> CHANGING = Set.of("clear", "pop", "popitem", "setdefault", "update");

    private MapMethods() {
    }

    static Optional<Function> find(Map<?, ?> map, String name) {
        if (CHANGING.contains(name)) {
            throw new TemplateException("a dict cannot be changed (" + name + ")");
        }
        return Optional.ofNullable(switch (name) {
            case "items" -> arguments -> {
                arguments.bind(name, 0);
                return items(map);
            };
            case "keys" -> arguments -> {
                arguments.bind(name, 0);
                return new ArrayList<Object>(map.keySet());
            };
            case "values" -> arguments -> {
                arguments.bind(name, 0);
                return new ArrayList<Object>(map.values());
            };
            case "get" -> arguments -> {
                Arguments.Bound bound = arguments.bind(name, 1, "key", "default");
                return map.containsKey(bound.get(0)) ? map.get(bound.get(0)) : bound.orElse(1, null);
            };
            case "copy" -> arguments -> {
                arguments.bind(name, 0);
                return Values.of(map);
            };
            default -> null;
        });
    }

    /** Keys and values in pairs. */
    static List<Object> items(Map<?, ?> map) {
        List<Object> items = new ArrayList<>(map.size());
        map.forEach((key, value) -> items.add(Tuple.of(key, value)));
        return items;
    }
}
