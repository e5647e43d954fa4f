package org.quantado.models.jinja;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

import org.quantado.models.jinja.Statement.Flow;
import org.quantado.models.jinja.Token.Kind;

/** Reads text, outputs and tags. */
final class StatementParser {
    private static final Set<String> LOOP_WORDS = Set.of("in", "recursive");

    private final Tokens tokens;
    private final ExpressionParser expressions;
    private int loops;

    StatementParser(Tokens tokens) {
        this.tokens = tokens;
        this.expressions = new ExpressionParser(tokens);
    }

    Statement template() {
        Statement body = until();
        tokens.require(Kind.END, "the end of the template");
        return body;
    }

    /** Statements up to a tag of one of these names, whose name is then the next token; or up to the end. */
    private Statement until(String... names) {
        List<Statement> statements = new ArrayList<>();
        while (true) {
            Token token = tokens.take();
            switch (token.kind()) {
                case TEXT -> statements.add(text(token.text()));
                case OUTPUT_BEGIN -> {
                    Expression value = expressions.tupleOrExpression();
                    tokens.require(Kind.OUTPUT_END, "'}}'");
                    statements.add(output(value).at(token.line()));
                }
                case TAG_BEGIN -> {
                    if (List.of(names).contains(tokens.peek().text())) {
                        return Statement.sequence(statements);
                    }
                    statements.add(tag(names).at(token.line()));
                }
                default -> {
                    if (names.length > 0) {
                        throw new TemplateException("found " + token.shown() + ", expected the tag "
                                + String.join(" or ", names)).at(token.line());
                    }
                    return Statement.sequence(statements);
                }
            }
        }
    }

    private static Statement text(String text) {
        return (scope, out) -> {
            out.append(text);
            return Flow.NEXT;
        };
    }

    private static Statement output(Expression value) {
        return (scope, out) -> {
            out.append(PythonText.str(value.value(scope)));
            return Flow.NEXT;
        };
    }

    private Statement tag(String... closing) {
        Token name = tokens.require(Kind.NAME, "the name of a tag");
        return switch (name.text()) {
            case "if" -> choice();
            case "for" -> loop();
            case "set" -> set();
            case "macro" -> macro();
            case "call" -> call();
            case "filter" -> filter();
            case "with" -> with();
            case "generation" -> {
                end();
                Statement body = until("endgeneration");
                close();
                yield body;
            }
            case "break" -> leave(name, Flow.BREAK);
            case "continue" -> leave(name, Flow.CONTINUE);
            default -> throw new TemplateException("the tag " + name.text() + " is "
                    + (closing.length == 0
                            ? "not known"
                            : "not known here, where " + String.join(" or ", closing)
                                    + " was expected"))
                    .at(name.line());
        };
    }

    private void end() {
        tokens.require(Kind.TAG_END, "'%}'");
    }

    /** Past the name of the tag that closes a block. */
    private void close() {
        tokens.take();
        end();
    }

    private Statement leave(Token name, Flow flow) {
        if (loops == 0) {
            throw new TemplateException(name.text() + " outside of a loop").at(name.line());
        }
        end();
        return (scope, out) -> flow;
    }

    private Statement choice() {
        Expression condition = expressions.tupleOrExpression();
        end();
        Statement chosen = until("elif", "else", "endif");
        Statement otherwise = Statement.sequence(List.of());
        Token next = tokens.take();
        if (next.text().equals("elif")) {
            otherwise = choice().at(next.line());
        } else {
            end();
            if (next.text().equals("else")) {
                otherwise = until("endif");
                close();
            }
        }
        Statement rest = otherwise;
        return (scope, out) -> (Values.truth(condition.value(scope)) ? chosen : rest).run(scope, out);
    }

    private Statement loop() {
        Target target = target();
        tokens.requireName("in");
        Expression elements = expressions.withoutChoice();
        Expression condition = tokens.takeName("if") ? expressions.expression() : null;
        if (tokens.atName("recursive")) {
            throw new TemplateException("recursive loops are not known").at(tokens.peek().line());
        }
        end();
        loops++;
        Statement body = until("else", "endfor");
        loops--;
        Statement otherwise = Statement.sequence(List.of());
        if (tokens.atName("else")) {
            close();
            otherwise = until("endfor");
        }
        close();
        return new ForLoop(target, elements, condition, body, otherwise);
    }

    /** One name, or several that a tuple is taken apart to. */
    private Target target() {
        List<String> names = new ArrayList<>();
        boolean inBrackets = tokens.takeSymbol("(");
        do {
            names.add(tokens.require(Kind.NAME, "the name of a variable").text());
        } while (tokens.takeSymbol(",") && tokens.at(Kind.NAME) && !LOOP_WORDS.contains(tokens.peek().text()));
        if (inBrackets) {
            tokens.requireSymbol(")");
        }
        return new Target(names);
    }

    private Statement set() {
        if (tokens.peekSecond().is(Kind.SYMBOL, ".")) {
            String object = tokens.require(Kind.NAME, "the name of a namespace").text();
            tokens.take();
            String attribute = tokens.require(Kind.NAME, "the name of an attribute").text();
            return assignment((scope, value) -> Target.setAttribute(scope, object, attribute, value));
        }
        Target target = target();
        return assignment(target::set);
    }

    /** Sets a variable. */
    @FunctionalInterface
    private interface Setter {
        void set(Scope scope, Object value);
    }

    private Statement assignment(Setter setter) {
        Expression value;
        if (tokens.takeSymbol("=")) {
            value = expressions.tupleOrExpression();
            end();
        } else {
            Holder text = new Holder();
            Expression filtered = filtered(text);
            end();
            Statement body = until("endset");
            close();
            value = scope -> text.with(body.text(scope.child()), filtered, scope);
        }
        return (scope, out) -> {
            setter.set(scope, value.value(scope));
            return Flow.NEXT;
        };
    }

    /** A text on its way through filters. */
    private static final class Holder implements Expression {
        private Object text;

        @Override
        public Object value(Scope scope) {
            return text;
        }

        Object with(String given, Expression filtered, Scope scope) {
            text = given;
            return filtered.value(scope);
        }
    }

    private Expression filtered(Expression input) {
        Expression value = input;
        while (tokens.takeSymbol("|")) {
            value = expressions.filter(value);
        }
        return value;
    }

    private Statement filter() {
        Holder text = new Holder();
        Expression value = filtered(expressions.filter(text));
        end();
        Statement body = until("endfilter");
        close();
        return (scope, out) -> {
            out.append(PythonText.str(text.with(body.text(scope.child()), value, scope)));
            return Flow.NEXT;
        };
    }

    private Statement with() {
        Map<String, Expression> variables = new LinkedHashMap<>();
        while (tokens.at(Kind.NAME)) {
            String name = tokens.take().text();
            tokens.requireSymbol("=");
            variables.put(name, expressions.expression());
            tokens.takeSymbol(",");
        }
        end();
        Statement body = until("endwith");
        close();
        return (scope, out) -> {
            Scope inner = scope.child();
            variables.forEach((name, value) -> inner.set(name, value.value(scope)));
            return body.run(inner, out);
        };
    }

    private Statement macro() {
        String name = tokens.require(Kind.NAME, "the name of a macro").text();
        Map<String, Expression> parameters = parameters();
        end();
        Statement body = outsideOfLoops("endmacro");
        return (scope, out) -> {
            scope.set(name, new Macro(name, parameters, body, scope));
            return Flow.NEXT;
        };
    }

    private Statement outsideOfLoops(String name) {
        int outer = loops;
        loops = 0;
        Statement body = until(name);
        loops = outer;
        close();
        return body;
    }

    private Map<String, Expression> parameters() {
        Map<String, Expression> parameters = new LinkedHashMap<>();
        tokens.requireSymbol("(");
        while (!tokens.takeSymbol(")")) {
            String name = tokens.require(Kind.NAME, "the name of a parameter").text();
            parameters.put(name, tokens.takeSymbol("=")
                    ? expressions.expression()
                    : scope -> new Undefined("parameter '" + name + "' was not provided"));
            if (!tokens.takeSymbol(",") && !tokens.atSymbol(")")) {
                throw tokens.unexpected("',' or ')'");
            }
        }
        return parameters;
    }

    private Statement call() {
        Map<String, Expression> parameters = tokens.atSymbol("(") ? parameters() : Map.of();
        Token name = tokens.require(Kind.NAME, "the name of a macro");
        ExpressionParser.ArgumentList arguments = expressions.arguments();
        end();
        Statement body = outsideOfLoops("endcall");
        return (scope, out) -> {
            if (!(scope.get(name.text()) instanceof Macro macro)) {
                throw new TemplateException("'" + name.text() + "' is no macro");
            }
            out.append(macro.call(arguments.values(scope), new Macro(Macro.CALLER, parameters, body, scope)));
            return Flow.NEXT;
        };
    }
}
