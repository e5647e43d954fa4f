package org.quantado.bench.workloads;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import org.quantado.bench.Bench;
import org.quantado.bench.Meter;
import org.quantado.bench.Op;
import org.quantado.bench.Subject;
import org.quantado.bench.Work;
import org.quantado.bench.Workload;
import org.quantado.kernels.graph.GraphPlan;
import org.quantado.kernels.graph.LayerGraph;
import org.quantado.kernels.graph.LayerNumber;
import org.quantado.kernels.graph.Rows;
import org.quantado.kernels.routing.ExpertBuckets;
import org.quantado.kernels.routing.ExpertPlacement;
import org.quantado.kernels.routing.Routed;
import org.quantado.kernels.routing.TopKRouter;

import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * From router logits to experts and weights, and tokens brought together by expert.
 *
 * @param routing how experts are chosen
 * @param batches numbers of tokens
 */
public record RoutingBench(Routing routing, List<Integer> batches) implements Bench {
    /** From one token to a slice of a prompt. */
    public static final List<Integer> BATCHES = List.of(1, 16, 256);

    /** Scores are made of an exponential and a sum in float. */
    private static final double WEIGHT_TOLERANCE = 1e-5;

    /** What a graph gives for the logits. */
    private record Given(Routed routed, ExpertBuckets slots) {
    }

    @Override
    public void run(Meter meter) {
        batches.forEach(tokens -> run(meter, tokens));
    }

    private void run(Meter meter, int tokens) {
        TopKRouter router = routing.router();
        Rows logits = Rows.allocate(tokens, router.experts());
        logits.setCount(tokens);
        logits.copyFrom(routing.logits(tokens), 0, tokens);
        Given[] given = new Given[1];
        try (GraphPlan plan = GraphPlan.of("routing", graph -> given[0] = addTo(graph, logits))) {
            long slots = (long) tokens * router.topK();
            long bytes = logits.values().getNumBytesOfSegment() + slots * (2 * Integer.BYTES + Float.BYTES)
                    + (router.experts() + 1L) * Integer.BYTES;
            Map<String, Integer> sizes = new LinkedHashMap<>();
            sizes.put("experts", router.experts());
            sizes.put("top", router.topK());
            meter.measure(new Workload(new Subject(Op.ROUTING, routing.name(), sizes, tokens),
                    new Work(bytes, 0, bytes), plan::execute, plan, () -> error(logits, given[0]), WEIGHT_TOLERANCE));
        }
    }

    private Given addTo(LayerGraph graph, Rows logits) {
        TopKRouter router = routing.router();
        Optional<FloatArray> bias = routing.bias();
        IntArray expertMap = ExpertPlacement.LINEAR.map(router.experts(), 0, 1);
        LayerNumber layer = LayerNumber.of(1);
        graph.inputs(logits.values()).constants(logits.shape(), expertMap, layer.number());
        bias.ifPresent(graph::constants);
        ExpertBuckets slots = ExpertBuckets.allocate(expertMap, router.experts(), logits.capacity(), router.topK(), 1);
        Routed routed = router.addTo(graph, logits, bias, layer, slots);
        graph.outputs(routed.ids(), routed.weights(), slots.slots(), slots.starts());
        return new Given(routed, slots);
    }

    /** The largest relative error of a weight; infinite if an expert or a place in the order is another. */
    private double error(Rows logits, Given given) {
        TopKRouter router = routing.router();
        PlainRouter plain = new PlainRouter(router, routing.bias().map(RoutingBench::doubles)
                .orElseGet(() -> new double[router.experts()]));
        int[] places = given.slots.starts().toHeapArray();
        double largest = 0;
        for (int t = 0; t < logits.capacity(); t++) {
            double[] ofToken = new double[router.experts()];
            for (int e = 0; e < ofToken.length; e++) {
                ofToken[e] = logits.values().get(t * ofToken.length + e);
            }
            PlainRouter.Choice choice = plain.choose(ofToken);
            for (int j = 0; j < router.topK(); j++) {
                int slot = t * router.topK() + j;
                int expert = choice.ids()[j];
                boolean right = given.routed.ids().get(slot) == expert
                        && given.slots.slots().get(places[expert]) == slot;
                places[expert]++;
                largest = Math.max(largest, right
                        ? Math.abs(given.routed.weights().get(slot) / choice.weights()[j] - 1)
                        : Double.POSITIVE_INFINITY);
            }
        }
        return largest;
    }

    private static double[] doubles(FloatArray floats) {
        double[] doubles = new double[floats.getSize()];
        for (int i = 0; i < doubles.length; i++) {
            doubles[i] = floats.get(i);
        }
        return doubles;
    }
}
