package org.quantado.models.jinja;

/**
 * What is not there: empty as text, false, without elements, and an error wherever more is asked of it.
 *
 * @param what the message of that error
 */
record Undefined(String what) {
    static Undefined attribute(Object of, String name) {
        return new Undefined("'" + Values.typeName(of) + "' has no attribute '" + name + "'");
    }

    static Undefined element(Object of, Object index) {
        return new Undefined("'" + Values.typeName(of) + "' has no element " + PythonText.repr(index));
    }

    TemplateException error() {
        return new TemplateException(what);
    }
}
