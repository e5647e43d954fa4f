package org.quantado.bench.tuning;

import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.quantado.kernels.matmul.BlockSizes;
import org.quantado.kernels.matmul.DeviceSettings;
import org.quantado.kernels.matmul.Flavour;

/**
 * Settings that were found for a device.
 *
 * @param before settings that were in use
 * @param chosen settings that are faster, or the same
 * @param gain how many times as fast, the geometric mean of all formats and numbers of rows; 1 where what was in use was
 *     not among the trials
 * @param trials what was measured
 */
public record Tuning(DeviceSettings before, DeviceSettings chosen, double gain, List<Trial> trials) {
    /** Less is left to chance: what is in use stays. */
    private static final double WORTHWHILE = 1.03;

    /** Chooses the flavour and, for each number of rows that was tried, the size of blocks. */
    static Tuning of(DeviceSettings before, List<Trial> trials) {
        Set<Integer> rows = trials.stream().map(Trial::rows).collect(Collectors.toCollection(TreeSet::new));
        Flavour flavour = flavours(trials, rows).min(Comparator.comparingDouble(some -> rows.stream()
                .mapToDouble(count -> bestLog(trials, some, count)).sum())).orElse(before.flavour());
        DeviceSettings known = before.ofFlavour(flavour);
        BlockSizes usual = known.blocks();
        Map<Integer, Integer> sizes = new TreeMap<>();
        for (int count : rows) {
            sizes.put(count, size(trials, flavour, count, usual.rowsPerBlock(count)));
        }
        boolean asUsual = sizes.entrySet().stream()
                .allMatch(size -> usual.rowsPerBlock(size.getKey()) == size.getValue());
        DeviceSettings chosen = known.with(asUsual ? usual : merged(sizes));
        double gain = rows.stream().flatMap(count -> gainLog(trials, before, chosen, count).stream().boxed())
                .collect(Collectors.averagingDouble(log -> log));
        return new Tuning(before, chosen, Math.exp(gain), List.copyOf(trials));
    }

    /** Flavours that were not given up for any number of rows. */
    private static Stream<Flavour> flavours(List<Trial> trials, Set<Integer> rows) {
        return trials.stream().map(Trial::flavour).distinct().filter(flavour -> rows.stream()
                .allMatch(count -> trials.stream()
                        .anyMatch(trial -> trial.flavour() == flavour && trial.rows() == count)));
    }

    private static double bestLog(List<Trial> trials, Flavour flavour, int rows) {
        return flavour.blockSizes().stream().map(size -> log(trials, flavour, rows, size))
                .filter(OptionalDouble::isPresent).mapToDouble(OptionalDouble::getAsDouble).min().orElseThrow();
    }

    private static int size(List<Trial> trials, Flavour flavour, int rows, int usual) {
        double worthwhile = log(trials, flavour, rows, usual).orElse(Double.POSITIVE_INFINITY) - Math.log(WORTHWHILE);
        return flavour.blockSizes().stream()
                .filter(size -> log(trials, flavour, rows, size).orElse(Double.POSITIVE_INFINITY) < worthwhile)
                .min(Comparator.comparingDouble(size -> log(trials, flavour, rows, size).getAsDouble()))
                .orElse(usual);
    }

    /** The mean logarithm of the times with all formats. */
    private static OptionalDouble log(List<Trial> trials, Flavour flavour, int rows, int size) {
        return trials.stream().filter(trial -> trial.isOf(flavour, rows, size))
                .mapToDouble(trial -> Math.log((double) trial.nanos())).average();
    }

    private static OptionalDouble gainLog(List<Trial> trials, DeviceSettings before, DeviceSettings chosen, int rows) {
        OptionalDouble old = log(trials, before.flavour(), rows, before.blocks().rowsPerBlock(rows));
        OptionalDouble now = log(trials, chosen.flavour(), rows, chosen.blocks().rowsPerBlock(rows));
        return old.isPresent() && now.isPresent()
                ? OptionalDouble.of(old.getAsDouble() - now.getAsDouble())
                : OptionalDouble.empty();
    }

    /** Steps only where the size changes, in the geometric middle of the two numbers of rows that were tried. */
    private static BlockSizes merged(Map<Integer, Integer> sizes) {
        Map<Integer, Integer> steps = new TreeMap<>();
        int lastRows = 1;
        int lastSize = 0;
        for (var size : sizes.entrySet()) {
            if (size.getValue() != lastSize) {
                steps.put(lastSize == 0 ? 1 : (int) Math.sqrt((double) lastRows * size.getKey()), size.getValue());
            }
            lastRows = size.getKey();
            lastSize = size.getValue();
        }
        return BlockSizes.of(steps);
    }
}
