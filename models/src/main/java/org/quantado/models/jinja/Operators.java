package org.quantado.models.jinja;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Python's operators. */
final class Operators {
    private Operators() {
    }

    static boolean compare(String operator, Object left, Object right) {
        return switch (operator) {
            case "==" -> Values.equal(left, right);
            case "!=" -> !Values.equal(left, right);
            case "in" -> contains(right, left);
            case "not in" -> !contains(right, left);
            case "<" -> order(operator, left, right) < 0;
            case "<=" -> order(operator, left, right) <= 0;
            case ">" -> order(operator, left, right) > 0;
            case ">=" -> order(operator, left, right) >= 0;
            default -> throw new IllegalArgumentException(operator);
        };
    }

    /** Less than, equal to or greater than 0 as {@code left} is to {@code right}. */
    static int order(String operator, Object left, Object right) {
        if (Values.isNumber(left) && Values.isNumber(right)) {
            return left instanceof Double || right instanceof Double
                    ? Double.compare(Values.toDouble(left), Values.toDouble(right))
                    : Long.compare(Values.toLong(left), Values.toLong(right));
        }
        if (left instanceof String text && right instanceof String other) {
            return PythonText.compare(text, other);
        }
        if (left instanceof List<?> list && right instanceof List<?> other) {
            for (int i = 0; i < Math.min(list.size(), other.size()); i++) {
                int order = order(operator, list.get(i), other.get(i));
                if (order != 0) {
                    return order;
                }
            }
            return Integer.compare(list.size(), other.size());
        }
        throw refusal(operator, left, right);
    }

    private static boolean contains(Object container, Object element) {
        return switch (container) {
            case String text -> {
                if (element instanceof String part) {
                    yield text.contains(part);
                }
                throw refusal("in", element, container);
            }
            case Map<?, ?> map -> map.containsKey(element);
            case null, default -> Values.elements(container).stream().anyMatch(other -> Values.equal(element, other));
        };
    }

    static Object add(Object left, Object right) {
        if (Values.isNumber(left) && Values.isNumber(right)) {
            return isFloat(left, right)
                    ? (Object) (Values.toDouble(left) + Values.toDouble(right))
                    : (Object) exact(() -> Math.addExact(Values.toLong(left), Values.toLong(right)));
        }
        if (left instanceof String text && right instanceof String other) {
            return text + other;
        }
        if (left instanceof List<?> list && right instanceof List<?> other
                && left instanceof Tuple == right instanceof Tuple) {
            List<Object> sum = new ArrayList<>(list);
            sum.addAll(other);
            return left instanceof Tuple ? new Tuple(sum) : sum;
        }
        throw refusal("+", left, right);
    }

    static Object subtract(Object left, Object right) {
        requireNumbers("-", left, right);
        return isFloat(left, right)
                ? (Object) (Values.toDouble(left) - Values.toDouble(right))
                : (Object) exact(() -> Math.subtractExact(Values.toLong(left), Values.toLong(right)));
    }

    static Object multiply(Object left, Object right) {
        if (left instanceof String text && right instanceof Long times) {
            return text.repeat(Math.max(0, Values.index("*", times)));
        }
        if (left instanceof Long && right instanceof String) {
            return multiply(right, left);
        }
        if (left instanceof List<?> list && right instanceof Long times) {
            List<Object> product = new ArrayList<>();
            for (int i = 0; i < times; i++) {
                product.addAll(list);
            }
            return left instanceof Tuple ? new Tuple(product) : product;
        }
        requireNumbers("*", left, right);
        return isFloat(left, right)
                ? (Object) (Values.toDouble(left) * Values.toDouble(right))
                : (Object) exact(() -> Math.multiplyExact(Values.toLong(left), Values.toLong(right)));
    }

    static Object divide(Object left, Object right) {
        requireNumbers("/", left, right);
        requireNotZero(right);
        return Values.toDouble(left) / Values.toDouble(right);
    }

    static Object floorDivide(Object left, Object right) {
        requireNumbers("//", left, right);
        requireNotZero(right);
        return isFloat(left, right)
                ? (Object) Math.floor(Values.toDouble(left) / Values.toDouble(right))
                : (Object) Math.floorDiv(Values.toLong(left), Values.toLong(right));
    }

    static Object modulo(Object left, Object right) {
        requireNumbers("%", left, right);
        requireNotZero(right);
        if (!isFloat(left, right)) {
            return Math.floorMod(Values.toLong(left), Values.toLong(right));
        }
        double divisor = Values.toDouble(right);
        double remainder = Values.toDouble(left) % divisor;
        return remainder != 0 && Math.signum(remainder) != Math.signum(divisor) ? remainder + divisor : remainder;
    }

    static Object power(Object left, Object right) {
        requireNumbers("**", left, right);
        if (isFloat(left, right) || Values.toLong(right) < 0) {
            return Math.pow(Values.toDouble(left), Values.toDouble(right));
        }
        int exponent = Values.index("**", right);
        return exact(() -> BigInteger.valueOf(Values.toLong(left)).pow(Math.min(exponent, Long.SIZE))
                .longValueExact());
    }

    static Object negate(Object value) {
        return subtract(0L, value);
    }

    private static boolean isFloat(Object left, Object right) {
        return left instanceof Double || right instanceof Double;
    }

    /** A computation in 64 bits. */
    @FunctionalInterface
    private interface Exact {
        long value();
    }

    private static Long exact(Exact computation) {
        try {
            return computation.value();
        } catch (ArithmeticException e) {
            TemplateException exception = new TemplateException("an integer has more than 64 bits");
            exception.initCause(e);
            throw exception;
        }
    }

    private static void requireNumbers(String operator, Object left, Object right) {
        if (!Values.isNumber(left) || !Values.isNumber(right)) {
            throw refusal(operator, left, right);
        }
    }

    private static void requireNotZero(Object divisor) {
        if (Values.toDouble(divisor) == 0) {
            throw new TemplateException("division by zero");
        }
    }

    private static TemplateException refusal(String operator, Object left, Object right) {
        if (left instanceof Undefined undefined) {
            return undefined.error();
        }
        if (right instanceof Undefined undefined) {
            return undefined.error();
        }
        return new TemplateException("the operator " + operator + " does not work on '" + Values.typeName(left)
                + "' and '" + Values.typeName(right) + "'");
    }
}
