package org.quantado.models.jinja;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BinaryOperator;

import org.quantado.models.jinja.Token.Kind;

/** Reads expressions, operators of least precedence first. */
final class ExpressionParser {
    private static final Set<String> COMPARISONS = Set.of("==", "!=", "<", "<=", ">", ">=");
    private static final Set<String> NOT_A_TEST_ARGUMENT = Set.of("else", "or", "and", "is", "if", "not", "in");

    private final Tokens tokens;

    ExpressionParser(Tokens tokens) {
        this.tokens = tokens;
    }

    /** An expression, or several with commas between them, which are a tuple. */
    Expression tupleOrExpression() {
        Expression first = expression();
        return tokens.atSymbol(",") ? tuple(first) : first;
    }

    private Expression tuple(Expression first) {
        List<Expression> elements = new ArrayList<>(List.of(first));
        while (tokens.takeSymbol(",") && !tokens.atSymbol(")") && !tokens.at(Kind.TAG_END)
                && !tokens.at(Kind.OUTPUT_END)) {
            elements.add(expression());
        }
        return scope -> new Tuple(values(elements, scope));
    }

    private static List<Object> values(List<Expression> expressions, Scope scope) {
        List<Object> values = new ArrayList<>(expressions.size());
        expressions.forEach(expression -> values.add(expression.value(scope)));
        return values;
    }

    /** A choice, or what takes precedence over it. */
    Expression expression() {
        Expression value = withoutChoice();
        while (tokens.takeName("if")) {
            Expression chosen = value;
            Expression condition = withoutChoice();
            Expression otherwise = tokens.takeName("else")
                    ? expression()
                    : scope -> new Undefined("the condition is false and there is no else");
            value = scope -> (Values.truth(condition.value(scope)) ? chosen : otherwise).value(scope);
        }
        return value;
    }

    /** An expression before an {@code if} that is not its own. */
    Expression withoutChoice() {
        Expression left = and();
        while (tokens.takeName("or")) {
            Expression first = left;
            Expression second = and();
            left = scope -> {
                Object value = first.value(scope);
                return Values.truth(value) ? value : second.value(scope);
            };
        }
        return left;
    }

    private Expression and() {
        Expression left = not();
        while (tokens.takeName("and")) {
            Expression first = left;
            Expression second = not();
            left = scope -> {
                Object value = first.value(scope);
                return Values.truth(value) ? second.value(scope) : value;
            };
        }
        return left;
    }

    private Expression not() {
        if (tokens.takeName("not")) {
            Expression operand = not();
            return scope -> !Values.truth(operand.value(scope));
        }
        return comparison();
    }

    private record Comparison(String operator, Expression right) {
    }

    private Expression comparison() {
        Expression first = sum();
        List<Comparison> comparisons = new ArrayList<>();
        while (true) {
            if (tokens.at(Kind.SYMBOL) && COMPARISONS.contains(tokens.peek().text())) {
                comparisons.add(new Comparison(tokens.take().text(), sum()));
            } else if (tokens.takeName("in")) {
                comparisons.add(new Comparison("in", sum()));
            } else if (tokens.atName("not") && tokens.peekSecond().is(Kind.NAME, "in")) {
                tokens.take();
                tokens.take();
                comparisons.add(new Comparison("not in", sum()));
            } else {
                return comparisons.isEmpty() ? first : scope -> holds(first, comparisons, scope);
            }
        }
    }

    private static boolean holds(Expression first, List<Comparison> comparisons, Scope scope) {
        Object left = first.value(scope);
        for (Comparison comparison : comparisons) {
            Object right = comparison.right.value(scope);
            if (!Operators.compare(comparison.operator, left, right)) {
                return false;
            }
            left = right;
        }
        return true;
    }

    private Expression sum() {
        Expression left = concatenation();
        while (tokens.atSymbol("+") || tokens.atSymbol("-")) {
            left = binary(tokens.take().text().equals("+") ? Operators::add : Operators::subtract, left,
                    concatenation());
        }
        return left;
    }

    private Expression concatenation() {
        Expression left = product();
        while (tokens.takeSymbol("~")) {
            left = binary((a, b) -> PythonText.str(a) + PythonText.str(b), left, product());
        }
        return left;
    }

    private Expression product() {
        Expression left = power();
        while (true) {
            if (tokens.takeSymbol("*")) {
                left = binary(Operators::multiply, left, power());
            } else if (tokens.takeSymbol("/")) {
                left = binary(Operators::divide, left, power());
            } else if (tokens.takeSymbol("//")) {
                left = binary(Operators::floorDivide, left, power());
            } else if (tokens.takeSymbol("%")) {
                left = binary(Operators::modulo, left, power());
            } else {
                return left;
            }
        }
    }

    private Expression power() {
        Expression left = unary(true);
        while (tokens.takeSymbol("**")) {
            left = binary(Operators::power, left, unary(true));
        }
        return left;
    }

    private static Expression binary(BinaryOperator<Object> operator, Expression left, Expression right) {
        return scope -> operator.apply(left.value(scope), right.value(scope));
    }

    private Expression unary(boolean withFilters) {
        Expression value;
        if (tokens.takeSymbol("-")) {
            Expression operand = unary(false);
            value = scope -> Operators.negate(operand.value(scope));
        } else if (tokens.takeSymbol("+")) {
            Expression operand = unary(false);
            value = scope -> Operators.add(0L, operand.value(scope));
        } else {
            value = primary();
        }
        value = postfixes(value);
        return withFilters ? filters(value) : value;
    }

    private Expression postfixes(Expression base) {
        Expression value = base;
        while (true) {
            Expression of = value;
            if (tokens.takeSymbol(".")) {
                Token name = tokens.take();
                value = switch (name.kind()) {
                    case NAME -> scope -> Attributes.attribute(of.value(scope), name.text());
                    case INTEGER -> scope -> Attributes.element(of.value(scope), integer(name));
                    default ->
                        throw new TemplateException("found " + name.shown() + ", expected the name of an attribute");
                };
            } else if (tokens.takeSymbol("[")) {
                value = subscript(of);
            } else if (tokens.atSymbol("(")) {
                value = call(of);
            } else {
                return value;
            }
        }
    }

    private Expression subscript(Expression of) {
        Expression from = tokens.atSymbol(":") ? null : expression();
        if (tokens.takeSymbol("]")) {
            return scope -> Attributes.element(of.value(scope), from.value(scope));
        }
        tokens.requireSymbol(":");
        Expression to = tokens.atSymbol(":") || tokens.atSymbol("]") ? null : expression();
        Expression step = tokens.takeSymbol(":") && !tokens.atSymbol("]") ? expression() : null;
        tokens.requireSymbol("]");
        return scope -> Attributes.slice(of.value(scope), valueOrNull(from, scope), valueOrNull(to, scope),
                valueOrNull(step, scope));
    }

    private static Object valueOrNull(Expression expression, Scope scope) {
        return expression == null ? null : expression.value(scope);
    }

    private Expression call(Expression of) {
        ArgumentList arguments = arguments();
        return scope -> switch (of.value(scope)) {
            case Function function -> function.call(arguments.values(scope));
            case Undefined undefined -> throw undefined.error();
            case null, default -> throw new TemplateException("a value that is no function is called");
        };
    }

    /** Arguments of a call, not yet evaluated. */
    record ArgumentList(List<Expression> positional, Map<String, Expression> named) {
        static final ArgumentList NONE = new ArgumentList(List.of(), Map.of());

        Arguments values(Scope scope) {
            return values(scope, new ArrayList<>());
        }

        /** With a value before the others. */
        Arguments values(Object first, Scope scope) {
            List<Object> values = new ArrayList<>();
            values.add(first);
            return values(scope, values);
        }

        private Arguments values(Scope scope, List<Object> values) {
            positional.forEach(expression -> values.add(expression.value(scope)));
            Map<String, Object> namedValues = new LinkedHashMap<>();
            named.forEach((name, expression) -> namedValues.put(name, expression.value(scope)));
            return new Arguments(values, namedValues);
        }
    }

    /** What stands in round brackets after the name of a function. */
    ArgumentList arguments() {
        tokens.requireSymbol("(");
        ArgumentList arguments = new ArgumentList(new ArrayList<>(), new LinkedHashMap<>());
        while (!tokens.takeSymbol(")")) {
            if (tokens.at(Kind.NAME) && tokens.peekSecond().is(Kind.SYMBOL, "=")) {
                String name = tokens.take().text();
                tokens.take();
                arguments.named.put(name, expression());
            } else if (arguments.named.isEmpty()) {
                arguments.positional.add(expression());
            } else {
                throw tokens.unexpected("an argument with its name");
            }
            if (!tokens.takeSymbol(",") && !tokens.atSymbol(")")) {
                throw tokens.unexpected("',' or ')'");
            }
        }
        return arguments;
    }

    private Expression filters(Expression base) {
        Expression value = base;
        while (true) {
            if (tokens.takeSymbol("|")) {
                value = filter(value);
            } else if (tokens.takeName("is")) {
                value = test(value);
            } else if (tokens.atSymbol("(")) {
                value = call(value);
            } else {
                return value;
            }
        }
    }

    /** The filter whose name comes next, applied to a value. */
    Expression filter(Expression input) {
        Token name = tokens.require(Kind.NAME, "the name of a filter");
        Function filter = Filters.named(name.text()).orElseThrow(
                () -> new TemplateException("the filter " + name.text() + " is not known").at(name.line()));
        ArgumentList arguments = tokens.atSymbol("(") ? arguments() : ArgumentList.NONE;
        return scope -> filter.call(arguments.values(input.value(scope), scope));
    }

    private Expression test(Expression input) {
        boolean negated = tokens.takeName("not");
        Token name = tokens.require(Kind.NAME, "the name of a test");
        Function test = Tests.named(name.text()).orElseThrow(
                () -> new TemplateException("the test " + name.text() + " is not known").at(name.line()));
        ArgumentList arguments = ArgumentList.NONE;
        if (tokens.atSymbol("(")) {
            arguments = arguments();
        } else if (beginsTestArgument()) {
            arguments = new ArgumentList(List.of(postfixes(primary())), Map.of());
        }
        ArgumentList given = arguments;
        return scope -> Values.truth(test.call(given.values(input.value(scope), scope))) != negated;
    }

    private boolean beginsTestArgument() {
        Token token = tokens.peek();
        return switch (token.kind()) {
            case NAME -> !NOT_A_TEST_ARGUMENT.contains(token.text());
            case STRING, INTEGER, FLOAT -> true;
            case SYMBOL -> token.text().equals("[") || token.text().equals("{");
            default -> false;
        };
    }

    private Expression primary() {
        Token token = tokens.take();
        return switch (token.kind()) {
            case NAME -> name(token.text());
            case STRING -> string(token);
            case INTEGER -> {
                Object value = integer(token);
                yield scope -> value;
            }
            case FLOAT -> {
                Double value = Double.valueOf(token.text().replace("_", ""));
                yield scope -> value;
            }
            case SYMBOL -> bracketed(token);
            default -> throw unexpected(token);
        };
    }

    private static Expression name(String name) {
        return switch (name) {
            case "true", "True" -> scope -> true;
            case "false", "False" -> scope -> false;
            case "none", "None" -> scope -> null;
            default -> scope -> scope.get(name);
        };
    }

    private Expression string(Token token) {
        StringBuilder text = new StringBuilder(token.text());
        while (tokens.at(Kind.STRING)) {
            text.append(tokens.take().text());
        }
        String value = text.toString();
        return scope -> value;
    }

    private static Long integer(Token token) {
        try {
            return Long.valueOf(token.text().replace("_", ""));
        } catch (NumberFormatException e) {
            TemplateException exception = new TemplateException("found " + token.shown()
                    + ", expected an integer of 64 bits");
            exception.initCause(e);
            throw exception.at(token.line());
        }
    }

    private Expression bracketed(Token opening) {
        return switch (opening.text()) {
            case "(" -> {
                if (tokens.takeSymbol(")")) {
                    yield scope -> Tuple.of();
                }
                Expression value = tupleOrExpression();
                tokens.requireSymbol(")");
                yield value;
            }
            case "[" -> {
                List<Expression> elements = new ArrayList<>();
                while (!tokens.takeSymbol("]")) {
                    elements.add(expression());
                    if (!tokens.takeSymbol(",") && !tokens.atSymbol("]")) {
                        throw tokens.unexpected("',' or ']'");
                    }
                }
                yield scope -> values(elements, scope);
            }
            case "{" -> dictionary();
            default -> throw unexpected(opening);
        };
    }

    private Expression dictionary() {
        Map<Expression, Expression> entries = new LinkedHashMap<>();
        while (!tokens.takeSymbol("}")) {
            Expression key = expression();
            tokens.requireSymbol(":");
            entries.put(key, expression());
            if (!tokens.takeSymbol(",") && !tokens.atSymbol("}")) {
                throw tokens.unexpected("',' or '}'");
            }
        }
        return scope -> {
            Map<Object, Object> map = new LinkedHashMap<>();
            entries.forEach((key, value) -> map.put(key.value(scope), value.value(scope)));
            return map;
        };
    }

    private static TemplateException unexpected(Token token) {
        return new TemplateException("found " + token.shown() + ", expected an expression").at(token.line());
    }
}
