package org.quantado.models.jinja;

import java.util.List;

/** What stands between text, or text itself. */
@FunctionalInterface
interface Statement {
    /** How it goes on after a statement. */
    enum Flow {
        NEXT, BREAK, CONTINUE
    }

    /** Appends what it renders to. */
    Flow run(Scope scope, StringBuilder out);

    /** One statement after another, until one of them leaves the loop or its round. */
    static Statement sequence(List<Statement> statements) {
        return (scope, out) -> {
            for (Statement statement : statements) {
                Flow flow = statement.run(scope, out);
                if (flow != Flow.NEXT) {
                    return flow;
                }
            }
            return Flow.NEXT;
        };
    }

    /** The same, with the line in its errors. */
    default Statement at(int line) {
        return (scope, out) -> {
            try {
                return run(scope, out);
            } catch (TemplateException e) {
                throw e.at(line);
            }
        };
    }

    /** What it renders to, as a value. */
    default String text(Scope scope) {
        StringBuilder text = new StringBuilder();
        run(scope, text);
        return text.toString();
    }
}
