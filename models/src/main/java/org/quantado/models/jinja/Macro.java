package org.quantado.models.jinja;

import java.util.Map;

/**
 * A macro, which renders to a string.
 *
 * @param name of it
 * @param parameters and their defaults
 * @param body what it renders
 * @param scope where it was defined
 */
record Macro(String name, Map<String, Expression> parameters, Statement body, Scope scope) implements Function {
    /** What a macro calls for the content of the {@code call} block. */
    static final String CALLER = "caller";

    @Override
    public Object call(Arguments arguments) {
        return text(arguments, scope.child());
    }

    /** Its text where the body of a {@code call} block is at hand. */
    String call(Arguments arguments, Macro caller) {
        Scope inner = scope.child();
        inner.set(CALLER, caller);
        return text(arguments, inner);
    }

    private String text(Arguments arguments, Scope inner) {
        String[] names = parameters.keySet().toArray(String[]::new);
        Arguments.Bound values = arguments.bind(name, 0, names);
        for (int i = 0; i < names.length; i++) {
            inner.set(names[i], values.has(i) ? values.get(i) : parameters.get(names[i]).value(inner));
        }
        return body.text(inner);
    }
}
