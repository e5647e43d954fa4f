package org.quantado.models.jinja;

import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * What a function, filter or test is called with.
 *
 * @param positional in order
 * @param named by name
 */
record Arguments(List<Object> positional, Map<String, Object> named) {
    private static final Object ABSENT = new Object();

    static Arguments of(Object... positional) {
        return new Arguments(Arrays.asList(positional), Map.of());
    }

    /**
     * The arguments as parameters.
     *
     * @param function its name, for errors
     * @param required how many of them must be there
     * @param names all parameters
     * @throws TemplateException if there are too few or too many, or one of another name
     */
    Bound bind(String function, int required, String... names) {
        Object[] values = new Object[names.length];
        Arrays.fill(values, ABSENT);
        if (positional.size() > names.length) {
            throw new TemplateException(function + "() was given " + positional.size() + " arguments and takes at most "
                    + names.length);
        }
        for (int i = 0; i < positional.size(); i++) {
            values[i] = positional.get(i);
        }
        named.forEach((name, value) -> {
            int index = Arrays.asList(names).indexOf(name);
            if (index < 0) {
                throw new TemplateException(function + "() was given " + name + "= and takes "
                        + (names.length == 0 ? "no arguments" : "only " + String.join(", ", names)));
            }
            if (values[index] != ABSENT) {
                throw new TemplateException(function + "() was given " + name + " twice");
            }
            values[index] = value;
        });
        for (int i = 0; i < required; i++) {
            if (values[i] == ABSENT) {
                throw new TemplateException(function + "() lacks its argument " + names[i]);
            }
        }
        return new Bound(function, values);
    }

    /** The values of parameters, in their order. */
    static final class Bound {
        private final String function;
        private final Object[] values;

        private Bound(String function, Object... values) {
            this.function = function;
            this.values = values;
        }

        boolean has(int index) {
            return values[index] != ABSENT;
        }

        Object get(int index) {
            return values[index];
        }

        Object orElse(int index, Object fallback) {
            return has(index) ? values[index] : fallback;
        }

        boolean truth(int index) {
            return has(index) && Values.truth(values[index]);
        }

        String string(int index) {
            if (values[index] instanceof String text) {
                return text;
            }
            throw new TemplateException(function + "() was given " + PythonText.repr(values[index])
                    + " and expects a string");
        }

        int integer(int index) {
            return Values.index(function + "()", values[index]);
        }
    }
}
