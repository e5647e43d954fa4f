package org.quantado.bench;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

import org.quantado.kernels.matmul.BlockSizes;
import org.quantado.kernels.matmul.DeviceSettings;
import org.quantado.kernels.matmul.Flavour;
import org.quantado.kernels.matmul.FlavourChoice;
import org.quantado.kernels.matmul.LinearPlan;
import org.quantado.kernels.matmul.LinearWeight;
import org.quantado.kernels.matmul.QuantizedMatrix;

import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/**
 * Tries all settings on the device at hand.
 *
 * <p>Candidates take turns, so that what else the machine does disturbs all alike. A flavour that is far behind with few
 * rows is not tried with more.
 *
 * @param shape of the weights
 * @param seconds how long to try what there is for one format and number of rows
 */
public record Tuner(WeightShape shape, double seconds) {
    /** The shape that tells most about others. */
    public static final WeightShape SHAPE = new WeightShape(4096, 4096);

    /** Codes of three and of four to a piece of a word. */
    private static final List<WeightFormat> FORMATS = List.of(WeightFormat.MXFP4, WeightFormat.INT8_CHANNEL);
    /** What plans round a number of rows up to. */
    private static final List<Integer> ROWS = List.of(1, 4, 16, 64, 256);
    private static final int MIN_ROUNDS = 3;
    private static final double FAR_BEHIND = 4;
    private static final long SEED = 9;

    /** A plan that multiplies a fixed number of rows together. */
    private record Candidate(Flavour flavour, int rowsPerBlock, LinearPlan plan) {
        static Candidate of(Flavour flavour, int rowsPerBlock, LinearWeight weight) {
            DeviceSettings settings = new DeviceSettings(flavour, BlockSizes.of(Map.of(1, rowsPerBlock)));
            return new Candidate(flavour, rowsPerBlock, new LinearPlan(weight, new FlavourChoice(settings, "tried"),
                    Optional.empty(), Optional.empty()));
        }

        long nanos(FloatArray x, int rows, FloatArray y) {
            long start = System.nanoTime();
            plan.apply(x, rows, y);
            return System.nanoTime() - start;
        }
    }

    /**
     * Finds settings.
     *
     * @param progress is told each trial as it comes
     */
    public Tuning run(Consumer<Trial> progress) {
        List<Trial> trials = new ArrayList<>();
        for (WeightFormat format : FORMATS) {
            run(format, trial -> {
                trials.add(trial);
                progress.accept(trial);
            });
        }
        return Tuning.of(FlavourChoice.forDevice().settings(), trials);
    }

    private void run(WeightFormat format, Consumer<Trial> trials) {
        QuantizedMatrix matrix = format.random(shape.outputs(), shape.inputs(), SEED);
        LinearWeight weight = new LinearWeight(matrix, new FloatArray(shape.outputs()));
        List<Candidate> candidates = Arrays.stream(Flavour.values())
                .filter(flavour -> FlavourChoice.hindrance(flavour).isEmpty())
                .flatMap(flavour -> flavour.blockSizes().stream().map(size -> Candidate.of(flavour, size, weight)))
                .toList();
        try {
            Set<Flavour> tried = EnumSet.allOf(Flavour.class);
            for (int rows : ROWS) {
                List<Candidate> left = candidates.stream().filter(some -> tried.contains(some.flavour())).toList();
                List<Trial> measured = measure(format, rows, left);
                measured.forEach(trials);
                tried.retainAll(notFarBehind(measured));
            }
        } finally {
            candidates.forEach(candidate -> candidate.plan.close());
        }
    }

    /** The best times; those that are far behind in the first round sit out the others. */
    private List<Trial> measure(WeightFormat format, int rows, List<Candidate> candidates) {
        FloatArray x = RandomFloats.centered(rows * shape.inputs(), SEED);
        FloatArray y = new FloatArray(rows * shape.outputs());
        long[] best = new long[candidates.size()];
        for (int i = 0; i < best.length; i++) {
            candidates.get(i).nanos(x, rows, y);
            best[i] = candidates.get(i).nanos(x, rows, y);
        }
        long start = System.nanoTime();
        for (int round = 0; round < MIN_ROUNDS || System.nanoTime() - start < seconds * 1e9; round++) {
            double limit = FAR_BEHIND * Arrays.stream(best).min().orElseThrow();
            for (int i = 0; i < best.length; i++) {
                if (best[i] <= limit) {
                    best[i] = Math.min(best[i], candidates.get(i).nanos(x, rows, y));
                }
            }
        }
        List<Trial> trials = new ArrayList<>();
        for (int i = 0; i < best.length; i++) {
            Candidate candidate = candidates.get(i);
            trials.add(new Trial(format, rows, candidate.flavour, candidate.rowsPerBlock, best[i]));
        }
        return trials;
    }

    private static Set<Flavour> notFarBehind(List<Trial> trials) {
        Map<Flavour, Long> best = new EnumMap<>(Flavour.class);
        trials.forEach(trial -> best.merge(trial.flavour(), trial.nanos(), Math::min));
        double limit = FAR_BEHIND * best.values().stream().mapToLong(Long::longValue).min().orElseThrow();
        best.values().removeIf(nanos -> nanos > limit);
        return best.keySet();
    }
}
