package org.quantado.models.jinja;

import java.time.Clock;
import java.util.Map;

/** A template, ready to be rendered any number of times. */
public final class Template {
    private final Statement body;

    private Template(Statement body) {
        this.body = body;
    }

    /**
     * Reads a template.
     *
     * @throws TemplateException if it is not written as Jinja asks for, or uses what this room does not know
     */
    public static Template parse(String source) {
        return new Template(new StatementParser(new Tokens(Lexer.tokens(source))).template());
    }

    /**
     * Renders it.
     *
     * @param variables values as JSON has them: strings, numbers, booleans, null, lists and maps of these
     * @param clock what {@code strftime_now} reads
     * @throws TemplateException if it fails, or calls {@code raise_exception}
     */
    public String render(Map<String, ?> variables, Clock clock) {
        Scope scope = Scope.of(Globals.at(clock));
        variables.forEach((name, value) -> scope.set(name, Values.of(value)));
        StringBuilder out = new StringBuilder();
        try {
            body.run(scope.child(), out);
        } catch (StackOverflowError e) {
            TemplateException exception = new TemplateException("macros call each other too often");
            exception.initCause(e);
            throw exception;
        }
        return out.toString();
    }
}
