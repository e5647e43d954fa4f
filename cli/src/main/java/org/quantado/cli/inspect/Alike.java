package org.quantado.cli.inspect;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Rows of several blocks that are alike but for the numbers in their names.
 *
 * @param name of all: where they differ in a number, the numbers, {@code model.layers.{0-31}.mlp.up_proj}
 * @param rows in order
 * @param <T> what a row is
 */
record Alike<T>(String name, List<T> rows) {
    private static final Pattern NUMBER = Pattern.compile("(?<=\\.|^)\\d+(?=\\.|$)");
    private static final String ANY = "*";
    /** Numbers that are no range are told one by one up to here. */
    private static final int MOST_NUMBERS = 6;

    /**
     * Puts rows together.
     *
     * @param nameOf a row
     * @param restOf a row, which must be equal
     */
    static <T> List<Alike<T>> of(List<T> rows, Function<T, String> nameOf, Function<T, Object> restOf) {
        Map<List<Object>, List<T>> alike = new LinkedHashMap<>();
        for (T row : rows) {
            alike.computeIfAbsent(List.of(anyNumber(nameOf.apply(row)), restOf.apply(row)), key -> new ArrayList<>())
                    .add(row);
        }
        return alike.values().stream()
                .map(same -> new Alike<>(name(same.stream().map(nameOf).toList()), List.copyOf(same))).toList();
    }

    /** A name in which all numbers between dots are the same. */
    static String anyNumber(String name) {
        return NUMBER.matcher(name).replaceAll(ANY);
    }

    private static String name(List<String> names) {
        List<TreeSet<Long>> numbers = new ArrayList<>();
        for (String name : names) {
            Matcher matcher = NUMBER.matcher(name);
            for (int position = 0; matcher.find(); position++) {
                if (position == numbers.size()) {
                    numbers.add(new TreeSet<>());
                }
                numbers.get(position).add(Long.valueOf(matcher.group()));
            }
        }
        int[] position = {0};
        return NUMBER.matcher(names.getFirst()).replaceAll(found -> range(numbers.get(position[0]++)));
    }

    private static String range(TreeSet<Long> numbers) {
        long first = numbers.first();
        long last = numbers.last();
        if (first == last) {
            return String.valueOf(first);
        }
        if (last - first + 1 == numbers.size()) {
            return "{" + first + "-" + last + "}";
        }
        return numbers.size() <= MOST_NUMBERS
                ? numbers.toString().replace(" ", "").replace('[', '{').replace(']', '}')
                : "{" + numbers.size() + " of " + first + "-" + last + "}";
    }

    T first() {
        return rows.getFirst();
    }
}
