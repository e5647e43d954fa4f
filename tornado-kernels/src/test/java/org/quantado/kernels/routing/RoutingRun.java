package org.quantado.kernels.routing;

import java.util.Arrays;
import java.util.Optional;

import org.quantado.kernels.graph.GraphPlan;
import org.quantado.kernels.graph.LayerNumber;
import org.quantado.kernels.graph.Rows;

import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** A router in a graph of its own. */
final class RoutingRun implements AutoCloseable {
    private final TopKRouter router;
    private final Rows logits;
    private final Optional<FloatArray> bias;
    private final GraphPlan plan;
    private Routed routed;

    RoutingRun(TopKRouter router, boolean hasBias, int capacity) {
        this.router = router;
        this.logits = Rows.allocate(capacity, router.experts());
        this.bias = hasBias ? Optional.of(new FloatArray(router.experts())) : Optional.empty();
        this.plan = GraphPlan.of("tested", graph -> {
            graph.inputs(logits.values(), logits.shape());
            bias.ifPresent(graph::inputs);
            LayerNumber layer = LayerNumber.of(1);
            graph.constants(layer.number());
            IntArray expertMap = ExpertPlacement.LINEAR.map(router.experts(), 0, 1);
            graph.constants(expertMap);
            routed = router.addTo(graph, logits, bias, layer,
                    ExpertBuckets.allocate(expertMap, router.experts(), capacity, router.topK(), 1));
            graph.outputs(routed.ids(), routed.weights());
        });
    }

    void run(float[] values, float[] biasValues) {
        logits.setCount(values.length / router.experts());
        for (int i = 0; i < values.length; i++) {
            logits.values().set(i, values[i]);
        }
        bias.ifPresent(array -> {
            for (int e = 0; e < biasValues.length; e++) {
                array.set(e, biasValues[e]);
            }
        });
        plan.execute();
    }

    int[] ids() {
        return Arrays.copyOf(routed.ids().toHeapArray(), slots());
    }

    float[] weights() {
        return Arrays.copyOf(routed.weights().toHeapArray(), slots());
    }

    private int slots() {
        return logits.shape().get(0) * router.topK();
    }

    @Override
    public void close() {
        plan.close();
    }
}
