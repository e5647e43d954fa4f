package org.quantado.bench.workloads;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

import org.quantado.bench.Bench;
import org.quantado.bench.Meter;
import org.quantado.bench.Op;
import org.quantado.bench.Subject;
import org.quantado.bench.Work;
import org.quantado.bench.Workload;
import org.quantado.kernels.experts.ExpertMlp;
import org.quantado.kernels.experts.GatedActivation;
import org.quantado.kernels.experts.MoeBlock;
import org.quantado.kernels.experts.MoePlan;
import org.quantado.kernels.experts.Router;
import org.quantado.kernels.experts.SideLayer;
import org.quantado.kernels.matmul.ExpertMatrix;
import org.quantado.kernels.matmul.LinearWeight;
import org.quantado.kernels.routing.ExpertPlacement;
import org.quantado.kernels.routing.ScoreFunction;
import org.quantado.kernels.routing.TopKRouter;

import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/**
 * A block of experts: router, top-k, and the experts' matrices.
 *
 * @param format of the experts' weights
 * @param shape of the block
 * @param batches numbers of tokens
 */
public record MoeBench(WeightFormat format, MoeShape shape, List<Integer> batches) implements Bench {
    /** From one token to a slice of a prompt. */
    public static final List<Integer> BATCHES = List.of(1, 16, 64, 256);

    /** Bound of the error of products that accumulate in float, relative to a typical element of y. */
    private static final double TOLERANCE = 1e-4;
    private static final long SEED = 8;

    @Override
    public void run(Meter meter) {
        MoeBlock block = block();
        try (MoePlan plan = new MoePlan(block)) {
            batches.forEach(tokens -> meter.measure(workload(plan, new PlainMoe(block), tokens)));
        }
    }

    private MoeBlock block() {
        TopKRouter topK = TopKRouter.of(shape.experts(), shape.topK(), ScoreFunction.SOFTMAX, true);
        FloatArray routerWeight = RandomFloats.centered(shape.experts() * shape.hidden(), SEED);
        return new MoeBlock(
                new ExpertMlp(matrix(2 * shape.intermediate(), shape.hidden()),
                        matrix(shape.hidden(), shape.intermediate()), GatedActivation.SILU, Optional.empty(),
                        Optional.empty()),
                ExpertPlacement.LINEAR.map(shape.experts(), 0, 1),
                new Router(topK, Optional.of(new SideLayer.Floats(routerWeight, new FloatArray(shape.experts()))),
                        Optional.empty()),
                Optional.empty(), Optional.empty());
    }

    private ExpertMatrix matrix(int outputs, int inputs) {
        int rows = Math.multiplyExact(shape.experts(), outputs);
        return new ExpertMatrix(shape.experts(),
                new LinearWeight(format.random(rows, inputs, SEED), new FloatArray(rows)));
    }

    private Workload workload(MoePlan plan, PlainMoe plain, int tokens) {
        FloatArray x = RandomFloats.centered(Math.multiplyExact(tokens, shape.hidden()), SEED + 1);
        FloatArray y = new FloatArray(x.getSize());
        Map<String, Integer> sizes = new LinkedHashMap<>();
        sizes.put("experts", shape.experts());
        sizes.put("top", shape.topK());
        sizes.put("hidden", shape.hidden());
        sizes.put("intermediate", shape.intermediate());
        long touched = IntStream.range(0, tokens).flatMap(t -> Arrays.stream(plain.choose(x, t).ids())).distinct()
                .count();
        long expertBytes = format.checkpointBytes(2 * shape.intermediate(), shape.hidden())
                + format.checkpointBytes(shape.hidden(), shape.intermediate());
        return new Workload(new Subject(Op.MOE, format.name().toLowerCase(Locale.ROOT), sizes, tokens),
                new Work(touched * expertBytes, tokens * shape.flopPerToken(), 2 * x.getNumBytesOfSegment()),
                () -> plan.apply(x, tokens, y), plan, () -> error(plain, x, tokens, y), TOLERANCE);
    }

    /** The largest error of the first and the last token, relative to the root mean square of its elements. */
    private static double error(PlainMoe plain, FloatArray x, int tokens, FloatArray y) {
        return IntStream.of(0, tokens - 1).distinct()
                .mapToDouble(t -> error(plain.apply(x, t), y, t)).max().orElseThrow();
    }

    private static double error(double[] expected, FloatArray y, int token) {
        double largest = 0;
        double squares = 0;
        for (int h = 0; h < expected.length; h++) {
            largest = Math.max(largest, Math.abs(y.get(token * expected.length + h) - expected[h]));
            squares += expected[h] * expected[h];
        }
        return largest / Math.sqrt(squares / expected.length);
    }
}
