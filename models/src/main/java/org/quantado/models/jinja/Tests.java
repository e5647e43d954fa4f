package org.quantado.models.jinja;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/** What stands after {@code is}. */
final class Tests {
    private static final Map<String, Function> TESTS = new HashMap<>();

    static {
        test("defined", value -> !(value instanceof Undefined));
        test("undefined", Undefined.class::isInstance);
        test("none", value -> value == null);
        test("string", String.class::isInstance);
        test("number", Values::isNumber);
        test("integer", Long.class::isInstance);
        test("float", Double.class::isInstance);
        test("boolean", Boolean.class::isInstance);
        test("true", Boolean.TRUE::equals);
        test("false", Boolean.FALSE::equals);
        test("mapping", Map.class::isInstance);
        test("iterable", Tests::hasElements);
        test("sequence", Tests::hasElements);
        test("callable", Function.class::isInstance);
        test("odd", value -> Operators.modulo(value, 2L).equals(1L));
        test("even", value -> Operators.modulo(value, 2L).equals(0L));
        test("lower", value -> StringMethods.isLower(PythonText.str(value)));
        test("upper", value -> StringMethods.isUpper(PythonText.str(value)));
        TESTS.put("divisibleby", arguments -> {
            Arguments.Bound bound = arguments.bind("divisibleby", 2, "value", "num");
            return Values.equal(Operators.modulo(bound.get(0), bound.get(1)), 0L);
        });
        TESTS.put("sameas", arguments -> {
            Arguments.Bound bound = arguments.bind("sameas", 2, "value", "other");
            return bound.get(0) == bound.get(1) || (Values.typeName(bound.get(0)).equals(Values.typeName(bound.get(1)))
                    && !hasElements(bound.get(0)) && Values.equal(bound.get(0), bound.get(1)));
        });
        comparison("==", "eq", "equalto");
        comparison("!=", "ne");
        comparison("<", "lt", "lessthan");
        comparison("<=", "le");
        comparison(">", "gt", "greaterthan");
        comparison(">=", "ge");
        comparison("in");
    }

    private Tests() {
    }

    static Optional<Function> named(String name) {
        return Optional.ofNullable(TESTS.get(name));
    }

    private static void test(String name, Predicate<Object> predicate) {
        TESTS.put(name, arguments -> predicate.test(arguments.bind(name, 1, "value").get(0)));
    }

    private static void comparison(String operator, String... otherNames) {
        Function test = arguments -> {
            Arguments.Bound bound = arguments.bind(operator, 2, "value", "other");
            return Operators.compare(operator, bound.get(0), bound.get(1));
        };
        TESTS.put(operator, test);
        List.of(otherNames).forEach(name -> TESTS.put(name, test));
    }

    private static boolean hasElements(Object value) {
        return value instanceof String || value instanceof List || value instanceof Map || value instanceof Undefined;
    }
}
