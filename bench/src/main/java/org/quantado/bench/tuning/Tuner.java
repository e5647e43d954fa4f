package org.quantado.bench.tuning;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

import org.quantado.bench.workloads.RandomFloats;
import org.quantado.bench.workloads.WeightFormat;
import org.quantado.bench.workloads.WeightShape;
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
 * @param seconds how long to repeat each candidate with one format and number of rows
 */
public record Tuner(WeightShape shape, double seconds) {
    /** The shape that tells most about others. */
    public static final WeightShape SHAPE = new WeightShape(4096, 4096);

    /** Codes of three and of four to a piece of a word. */
    private static final List<WeightFormat> FORMATS = List.of(WeightFormat.MXFP4, WeightFormat.INT8_CHANNEL);
    /** What plans round a number of rows up to. */
    private static final List<Integer> ROWS = List.of(1, 4, 16, 64, 256);
    private static final double FAR_BEHIND = 4;
    /** A first call of so many seconds is not followed by another. */
    private static final double HOPELESS = 10;
    private static final long SEED = 9;

    /** A plan that multiplies a fixed number of rows together, and its times. */
    private static final class Candidate {
        private final Flavour flavour;
        private final int rowsPerBlock;
        private final LinearPlan plan;
        private long best;
        private long used;

        Candidate(DeviceSettings known, int rowsPerBlock, LinearWeight weight) {
            this.flavour = known.flavour();
            this.rowsPerBlock = rowsPerBlock;
            DeviceSettings settings = known.with(BlockSizes.of(Map.of(1, rowsPerBlock)));
            this.plan = new LinearPlan(weight, new FlavourChoice(settings, "tried"), Optional.empty(),
                    Optional.empty());
        }

        /** The first call with so many rows, which brings the weight to the device and does not count if there are others. */
        void begin(FloatArray x, int rows, FloatArray y) {
            best = nanos(x, rows, y);
            used = 0;
            if (best < HOPELESS * 1e9) {
                best = nanos(x, rows, y);
                used = best;
            } else {
                used = Long.MAX_VALUE;
            }
        }

        /** Another call, unless the seconds are used up. */
        boolean again(FloatArray x, int rows, FloatArray y, double seconds) {
            if (used >= seconds * 1e9) {
                return false;
            }
            long nanos = nanos(x, rows, y);
            best = Math.min(best, nanos);
            used += nanos;
            return true;
        }

        private long nanos(FloatArray x, int rows, FloatArray y) {
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
        DeviceSettings before = FlavourChoice.forDevice().settings();
        for (WeightFormat format : FORMATS) {
            run(format, before, trial -> {
                trials.add(trial);
                progress.accept(trial);
            });
        }
        return Tuning.of(before, trials);
    }

    private void run(WeightFormat format, DeviceSettings before, Consumer<Trial> trials) {
        QuantizedMatrix matrix = format.random(shape.outputs(), shape.inputs(), SEED);
        LinearWeight weight = new LinearWeight(matrix, new FloatArray(shape.outputs()));
        List<Candidate> candidates = Arrays.stream(Flavour.values())
                .filter(flavour -> flavour.hindrance().isEmpty())
                .flatMap(flavour -> flavour.blockSizes().stream()
                        .map(size -> new Candidate(before.ofFlavour(flavour), size, weight)))
                .toList();
        try {
            Set<Flavour> tried = EnumSet.allOf(Flavour.class);
            for (int rows : ROWS) {
                List<Candidate> left = candidates.stream().filter(some -> tried.contains(some.flavour)).toList();
                List<Trial> measured = measure(format, rows, left);
                measured.forEach(trials);
                tried.retainAll(notFarBehind(measured));
            }
        } finally {
            candidates.forEach(candidate -> candidate.plan.close());
        }
    }

    private List<Trial> measure(WeightFormat format, int rows, List<Candidate> candidates) {
        FloatArray x = RandomFloats.centered(rows * shape.inputs(), SEED);
        FloatArray y = new FloatArray(rows * shape.outputs());
        candidates.forEach(candidate -> candidate.begin(x, rows, y));
        List<Candidate> left = new ArrayList<>(candidates);
        while (!left.isEmpty()) {
            left.removeIf(candidate -> !candidate.again(x, rows, y, seconds));
        }
        return candidates.stream()
                .map(candidate -> new Trial(format, rows, candidate.flavour, candidate.rowsPerBlock, candidate.best))
                .toList();
    }

    private static Set<Flavour> notFarBehind(List<Trial> trials) {
        Map<Flavour, Long> best = new EnumMap<>(Flavour.class);
        trials.forEach(trial -> best.merge(trial.flavour(), trial.nanos(), Math::min));
        double limit = FAR_BEHIND * best.values().stream().mapToLong(Long::longValue).min().orElseThrow();
        best.values().removeIf(nanos -> nanos > limit);
        return best.keySet();
    }
}
