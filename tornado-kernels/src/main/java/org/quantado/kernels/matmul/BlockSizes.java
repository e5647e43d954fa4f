package org.quantado.kernels.matmul;

import java.util.Collections;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * How many rows of x are multiplied with a weight together, by how many there are.
 *
 * @param from numbers of rows, the first of which is 1, and the size of a block from each of them on
 */
public record BlockSizes(NavigableMap<Integer, Integer> from) {
    private static final String SEPARATOR = ":";

    public BlockSizes {
        if (from.isEmpty() || from.firstKey() != 1 || from.values().stream().anyMatch(size -> size < 1)) {
            throw new IllegalArgumentException(from + " does not say the size of a block for every number of rows");
        }
        from = Collections.unmodifiableNavigableMap(new TreeMap<>(from));
    }

    public static BlockSizes of(Map<Integer, Integer> from) {
        return new BlockSizes(new TreeMap<>(from));
    }

    /** The size of a block for so many rows. */
    public int rowsPerBlock(int rows) {
        return from.floorEntry(Math.max(1, rows)).getValue();
    }

    /**
     * Reads what {@link #toString} wrote.
     *
     * @throws IllegalArgumentException if it did not
     */
    static BlockSizes parse(String text) {
        NavigableMap<Integer, Integer> from = new TreeMap<>();
        for (String step : text.strip().split("\\s+", -1)) {
            String[] numbers = step.split(SEPARATOR, -1);
            if (numbers.length != 2) {
                throw new IllegalArgumentException(step + " is not ROWS" + SEPARATOR + "SIZE");
            }
            if (from.put(Integer.valueOf(numbers[0]), Integer.valueOf(numbers[1])) != null) {
                throw new IllegalArgumentException(numbers[0] + " rows are there twice");
            }
        }
        return new BlockSizes(from);
    }

    /** As in a file: {@code 1:1 4:4 16:16}. */
    @Override
    public String toString() {
        return from.entrySet().stream().map(step -> step.getKey() + SEPARATOR + step.getValue())
                .collect(Collectors.joining(" "));
    }
}
