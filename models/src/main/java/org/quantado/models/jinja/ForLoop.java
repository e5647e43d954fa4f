package org.quantado.models.jinja;

import java.util.ArrayList;
import java.util.List;

/**
 * A loop over elements.
 *
 * @param target what each element is assigned to
 * @param elements what it goes over
 * @param condition which elements it takes; null for all
 * @param body run for each, in a scope of its own
 * @param otherwise run if there is none
 */
record ForLoop(Target target, Expression elements, Expression condition, Statement body, Statement otherwise)
        implements
            Statement {
    private static final String LOOP = "loop";

    @Override
    public Flow run(Scope scope, StringBuilder out) {
        List<Object> taken = taken(scope);
        if (taken.isEmpty()) {
            return otherwise.run(scope.child(), out);
        }
        for (int i = 0; i < taken.size(); i++) {
            Scope inner = scope.child();
            inner.set(LOOP, new Round(taken, i));
            target.set(inner, taken.get(i));
            if (body.run(inner, out) == Flow.BREAK) {
                break;
            }
        }
        return Flow.NEXT;
    }

    private List<Object> taken(Scope scope) {
        List<Object> all = Values.elements(elements.value(scope));
        if (condition == null) {
            return all;
        }
        List<Object> taken = new ArrayList<>();
        for (Object element : all) {
            Scope inner = scope.child();
            target.set(inner, element);
            if (Values.truth(condition.value(inner))) {
                taken.add(element);
            }
        }
        return taken;
    }

    /**
     * The variable {@code loop}.
     *
     * @param elements of the whole loop
     * @param index of this round, from 0
     */
    record Round(List<Object> elements, int index) {
        Object attribute(String name) {
            int size = elements.size();
            return switch (name) {
                case "index" -> index + 1L;
                case "index0" -> (long) index;
                case "revindex" -> (long) (size - index);
                case "revindex0" -> size - index - 1L;
                case "first" -> index == 0;
                case "last" -> index == size - 1;
                case "length" -> (long) size;
                case "previtem" -> index > 0 ? elements.get(index - 1) : new Undefined("there is no previous item");
                case "nextitem" -> index + 1 < size
                        ? elements.get(index + 1)
                        : new Undefined("there is no next item");
                case "cycle" -> (Function) arguments -> arguments.positional()
                        .get(index % arguments.positional().size());
                default -> throw new TemplateException("loop." + name + " is not known");
            };
        }
    }
}
