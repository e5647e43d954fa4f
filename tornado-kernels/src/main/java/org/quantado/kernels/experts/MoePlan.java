package org.quantado.kernels.experts;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

import org.quantado.kernels.codec.ModelDtype;
import org.quantado.kernels.graph.BatchPlan;
import org.quantado.kernels.graph.LayerGraph;
import org.quantado.kernels.graph.Rows;
import org.quantado.kernels.matmul.LinearWeight;
import org.quantado.kernels.matmul.PortableMatmul;
import org.quantado.kernels.matmul.ResidentWeights;
import org.quantado.kernels.quantize.Quantizer;
import org.quantado.kernels.routing.ExpertBuckets;
import org.quantado.kernels.routing.Routed;

import uk.ac.manchester.tornado.api.common.TaskPackage;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;

/**
 * A mixture of experts on the device, as one graph per batch size. It can be entered with the choice of experts, with
 * router logits, or with tokens alone; each way in that is used has a plan and device copies of its own. Not
 * thread-safe.
 */
public final class MoePlan implements AutoCloseable {
    private final MoeBlock block;
    private final BatchPlan<Buffers> routedPlan;
    private final BatchPlan<Buffers> logitsPlan;
    private final BatchPlan<Buffers> tokensPlan;

    /** A device buffer of something that goes in besides the tokens, and its elements for each token. */
    private record Side(TornadoNativeArray buffer, int perToken) {
    }

    /**
     * The arrays of a graph that change with the batch.
     *
     * @param shapes of matrices with a row for each token
     */
    private record Buffers(Rows x, List<IntArray> shapes, List<Side> sides, Rows y) {
        void setCount(int tokens) {
            x.setCount(tokens);
            shapes.forEach(shape -> shape.set(0, tokens));
        }
    }

    /** How a graph gets the experts of its tokens; enters what it needs for that. */
    private interface WayIn {
        Routed addTo(LayerGraph graph, Buffers buffers);
    }

    public MoePlan(MoeBlock block) {
        this.block = block;
        List<FloatArray> scoreBias = block.router().scoreBias().stream().toList();
        List<FloatArray> routerArrays = new ArrayList<>(scoreBias);
        block.router().weight().ifPresent(weight -> {
            routerArrays.add(weight);
            routerArrays.add(block.router().bias());
        });
        this.routedPlan = plan(List.of(), this::given);
        this.logitsPlan = plan(scoreBias, this::fromLogits);
        this.tokensPlan = plan(routerArrays, this::fromTokens);
    }

    private BatchPlan<Buffers> plan(List<FloatArray> floats, WayIn wayIn) {
        List<LinearWeight> weights = new ArrayList<>(
                List.of(block.experts().gateUp().stacked(), block.experts().down().stacked()));
        block.shared().ifPresent(shared -> {
            weights.add(shared.gateUp().stacked());
            weights.add(shared.down().stacked());
        });
        return new BatchPlan<>(new ResidentWeights(weights, floats),
                (graph, capacity) -> addBatch(graph, capacity, wayIn));
    }

    /**
     * Runs tokens through the experts that were chosen for them.
     *
     * @param x {@code [T, H]}
     * @param chosen {@code [T, k]}; the ids must be those of experts that there are
     * @param y {@code [T, H]}, written
     */
    public void apply(FloatArray x, Routed chosen, int tokens, FloatArray y) {
        run(routedPlan, x, List.of(chosen.ids(), chosen.weights()), tokens, y);
    }

    /**
     * Chooses experts by logits and runs tokens through them.
     *
     * @param x {@code [T, H]}
     * @param logits {@code [T, E]}
     * @param y {@code [T, H]}, written
     */
    public void apply(FloatArray x, FloatArray logits, int tokens, FloatArray y) {
        run(logitsPlan, x, List.of(logits), tokens, y);
    }

    /**
     * The whole block.
     *
     * @param x {@code [T, H]}
     * @param y {@code [T, H]}, written
     * @throws IllegalStateException if the block has no weight that gives logits
     */
    public void apply(FloatArray x, int tokens, FloatArray y) {
        if (block.router().weight().isEmpty()) {
            throw new IllegalStateException("the block has no router weight: router logits must be given");
        }
        run(tokensPlan, x, List.of(), tokens, y);
    }

    private static void run(BatchPlan<Buffers> plan, FloatArray x, List<TornadoNativeArray> sides, int tokens,
            FloatArray y) {
        for (int from = 0; from < tokens; from += BatchPlan.MAX_ROWS) {
            int count = Math.min(BatchPlan.MAX_ROWS, tokens - from);
            Buffers buffers = plan.buffersFor(count);
            buffers.setCount(count);
            buffers.x.copyFrom(x, from, count);
            for (int i = 0; i < sides.size(); i++) {
                Side side = buffers.sides.get(i);
                long rowBytes = side.perToken * (long) Integer.BYTES;
                MemorySegment.copy(sides.get(i).getSegment(), from * rowBytes, side.buffer.getSegment(), 0,
                        count * rowBytes);
            }
            plan.execute(count);
            buffers.y.copyTo(y, from, count);
        }
    }

    @Override
    public void close() {
        routedPlan.close();
        logitsPlan.close();
        tokensPlan.close();
    }

    private Routed given(LayerGraph graph, Buffers buffers) {
        int slots = buffers.x.capacity() * topK();
        Routed routed = new Routed(new IntArray(slots), new FloatArray(slots));
        graph.inputs(routed.ids(), routed.weights());
        buffers.sides.add(new Side(routed.ids(), topK()));
        buffers.sides.add(new Side(routed.weights(), topK()));
        return routed;
    }

    private Routed fromLogits(LayerGraph graph, Buffers buffers) {
        Rows logits = tokenRows(graph, buffers, block.router().topK().experts());
        graph.inputs(logits.values());
        buffers.sides.add(new Side(logits.values(), logits.width()));
        return block.router().topK().addTo(graph, logits, block.router().scoreBias());
    }

    private Routed fromTokens(LayerGraph graph, Buffers buffers) {
        Rows logits = tokenRows(graph, buffers, block.router().topK().experts());
        graph.task(TaskPackage.createPackage("logits", ExpertKernels::logits, buffers.x.values(),
                block.router().weight().orElseThrow(), block.router().bias(), logits.shape(), logits.values(),
                buffers.x.width()), logits.width(), logits.capacity());
        return block.router().topK().addTo(graph, logits, block.router().scoreBias());
    }

    private int topK() {
        return block.router().topK().topK();
    }

    private Buffers addBatch(LayerGraph graph, int capacity, WayIn wayIn) {
        Rows x = Rows.allocate(capacity, block.experts().hidden());
        Rows y = x.with(new FloatArray(x.values().getSize()));
        Buffers buffers = new Buffers(x, new ArrayList<>(), new ArrayList<>(), y);
        graph.inputs(x.values(), x.shape());
        graph.constants(block.expertMap());
        Routed routed = wayIn.addTo(graph, buffers);
        ExpertBuckets order = ExpertBuckets.addTo(graph, routed.ids(), topK(), x.shape(), block.expertMap(),
                block.experts().experts());
        Rows results = addExperts(graph, x, routed, order);
        Optional<Rows> shared = block.shared().map(mlp -> addShared(graph, mlp, buffers));
        graph.task(TaskPackage.createPackage("combine", ExpertKernels::combine, results.values(), order.inverse(),
                routed.weights(), shared.orElse(results).values(), x.shape(), y.values(), topK(),
                block.weightOnInput().isPresent() ? 0 : 1, shared.isPresent() ? 1 : 0), x.width(), capacity);
        graph.outputs(y.values());
        return buffers;
    }

    private Rows addExperts(LayerGraph graph, Rows x, Routed routed, ExpertBuckets buckets) {
        ExpertMlp mlp = block.experts();
        Rows slots = slotRows(graph, buckets, "hidden", mlp.hidden());
        Rows input = block.weightOnInput().map(dtype -> {
            gatherWeighted(graph, x, routed, buckets, slots, dtype);
            return quantized(graph, "input", slots, mlp.inputQuantizer());
        }).orElseGet(() -> {
            Rows tokens = quantized(graph, "input", x, mlp.inputQuantizer());
            graph.task(TaskPackage.createPackage("gather", ExpertKernels::gather, tokens.values(), buckets.order(),
                    slots.shape(), slots.values(), topK()), slots.width(), slots.capacity());
            return slots;
        });
        Rows gateUp = slotRows(graph, buckets, "gateUp", 2 * mlp.intermediate());
        PortableMatmul.addTo(graph, "multiplyGateUp", input, buckets.experts(), mlp.gateUp(), gateUp);
        Rows activated = slotRows(graph, buckets, "activated", mlp.intermediate());
        activate(graph, "activate", mlp, gateUp, activated);
        Rows activations = quantized(graph, "activated", activated, mlp.activationQuantizer());
        Rows results = slots.with(new FloatArray(slots.values().getSize()));
        PortableMatmul.addTo(graph, "multiplyDown", activations, buckets.experts(), mlp.down(), results);
        return results;
    }

    private static Rows addShared(LayerGraph graph, ExpertMlp mlp, Buffers buffers) {
        Rows x = buffers.x;
        Rows input = quantized(graph, "sharedInput", x, mlp.inputQuantizer());
        Rows activated = tokenRows(graph, buffers, mlp.intermediate());
        Rows gateUp = activated.with(new FloatArray(2 * activated.values().getSize()));
        PortableMatmul.addTo(graph, "multiplySharedGateUp", input, mlp.gateUp().stacked(), gateUp.values());
        activate(graph, "activateShared", mlp, gateUp, activated);
        Rows activations = quantized(graph, "sharedActivated", activated, mlp.activationQuantizer());
        Rows result = x.with(new FloatArray(x.values().getSize()));
        PortableMatmul.addTo(graph, "multiplySharedDown", activations, mlp.down().stacked(), result.values());
        return result;
    }

    /** A matrix with a row for each token. */
    private static Rows tokenRows(LayerGraph graph, Buffers buffers, int width) {
        Rows rows = Rows.allocate(buffers.x.capacity(), width);
        graph.inputs(rows.shape());
        buffers.shapes.add(rows.shape());
        return rows;
    }

    /** Room for a row of every slot; how many there are is known on the device only. */
    private static Rows slotRows(LayerGraph graph, ExpertBuckets buckets, String name, int width) {
        Rows rows = Rows.allocate(buckets.order().getSize(), width);
        graph.constants(rows.shape());
        graph.task(TaskPackage.createPackage(name + "Rows", ExpertKernels::countRows, buckets.offsets(), rows.shape()),
                rows.shape().getSize(), 1);
        return rows;
    }

    private void gatherWeighted(LayerGraph graph, Rows x, Routed routed, ExpertBuckets buckets, Rows slots,
            ModelDtype dtype) {
        FloatArray rounding = dtype.roundingTable();
        graph.constants(rounding);
        graph.task(TaskPackage.createPackage("gather", ExpertKernels::gatherWeighted, x.values(), buckets.order(),
                routed.weights(), rounding, slots.shape(), slots.values(), topK(), dtype == ModelDtype.F32 ? 0 : 1),
                slots.width(), slots.capacity());
    }

    private static void activate(LayerGraph graph, String task, ExpertMlp mlp, Rows gateUp, Rows activated) {
        GatedActivation activation = mlp.activation();
        graph.task(TaskPackage.createPackage(task, ExpertKernels::activate, gateUp.values(), activated.shape(),
                activated.values(), activation.alpha(), activation.limit(), activation.upOffset()), activated.width(),
                activated.capacity());
    }

    private static Rows quantized(LayerGraph graph, String stage, Rows rows, Optional<Quantizer> quantizer) {
        return quantizer.map(some -> some.addTo(graph, stage, rows, false).values()).orElse(rows);
    }
}
