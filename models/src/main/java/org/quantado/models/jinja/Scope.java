package org.quantado.models.jinja;

import java.util.HashMap;
import java.util.Map;

/** Variables by name: those of a block, then those around it. */
final class Scope {
    private final Scope parent;
    private final Map<String, Object> variables;

    private Scope(Scope parent, Map<String, Object> variables) {
        this.parent = parent;
        this.variables = variables;
    }

    static Scope of(Map<String, Object> globals) {
        return new Scope(null, new HashMap<>(globals));
    }

    Scope child() {
        return new Scope(this, new HashMap<>());
    }

    void set(String name, Object value) {
        variables.put(name, value);
    }

    Object get(String name) {
        for (Scope scope = this; scope != null; scope = scope.parent) {
            if (scope.variables.containsKey(name)) {
                return scope.variables.get(name);
            }
        }
        return new Undefined("'" + name + "' is undefined");
    }
}
