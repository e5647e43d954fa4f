package org.quantado.models.jinja;

import java.util.List;

/**
 * What a value is assigned to.
 *
 * @param names one variable, or one for each element of the value
 */
record Target(List<String> names) {
    void set(Scope scope, Object value) {
        if (names.size() == 1) {
            scope.set(names.getFirst(), value);
            return;
        }
        List<Object> elements = Values.elements(value);
        if (elements.size() != names.size()) {
            throw new TemplateException("found " + elements.size() + " values for the variables "
                    + String.join(", ", names));
        }
        for (int i = 0; i < names.size(); i++) {
            scope.set(names.get(i), elements.get(i));
        }
    }

    static void setAttribute(Scope scope, String object, String attribute, Object value) {
        if (!(scope.get(object) instanceof Namespace namespace)) {
            throw new TemplateException("cannot set " + object + "." + attribute + ": " + object + " is no namespace");
        }
        namespace.attributes().put(attribute, value);
    }
}
