package org.quantado.kernels.experts;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

import org.quantado.kernels.codec.ModelDtype;
import org.quantado.kernels.graph.BatchPlan;
import org.quantado.kernels.graph.BatchPlan.WayIn;
import org.quantado.kernels.graph.GraphTimes;
import org.quantado.kernels.graph.LayerGraph;
import org.quantado.kernels.graph.Profiled;
import org.quantado.kernels.graph.Rows;
import org.quantado.kernels.matmul.FlavourChoice;
import org.quantado.kernels.matmul.Matmul;
import org.quantado.kernels.matmul.ResidentWeights;
import org.quantado.kernels.matmul.RowBlocks;
import org.quantado.kernels.routing.ExpertBuckets;
import org.quantado.kernels.routing.ExpertBuckets.Aligned;
import org.quantado.kernels.routing.Routed;

import uk.ac.manchester.tornado.api.common.TaskPackage;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;

/**
 * A mixture of experts on the device, as one graph per way in and batch size. It can be entered with the choice of
 * experts, with router logits, or with tokens alone. Not thread-safe.
 */
public final class MoePlan implements Profiled, AutoCloseable {
    /** Id of an expert where there is none, as in rows that pad a batch. */
    public static final int NO_EXPERT = -1;

    private final Router router;
    private final IntArray expertMap;
    private final Optional<ModelDtype> weightOnInput;
    private final PreparedMlp experts;
    private final Optional<PreparedMlp> shared;
    private final Optional<PreparedSide> sharedGate;
    private final Optional<PreparedSide> logits;
    private final BatchPlan plan;
    private final WayIn<Buffers> byExperts;
    private final WayIn<Buffers> byLogits;
    private final WayIn<Buffers> byTokens;

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
    private interface Selection {
        Routed addTo(LayerGraph graph, Buffers buffers);
    }

    /** A plan with the flavour of the device. */
    public MoePlan(MoeBlock block) {
        this(block, FlavourChoice.forDevice());
    }

    /** A plan with kernels of one flavour, for weights that it has kernels for. */
    public MoePlan(MoeBlock block, FlavourChoice flavour) {
        this.router = block.router();
        this.expertMap = block.expertMap();
        this.weightOnInput = block.weightOnInput();
        this.experts = new PreparedMlp(block.experts(), flavour);
        this.shared = block.shared().map(some -> new PreparedMlp(some.mlp(), flavour));
        this.sharedGate = block.shared().flatMap(SharedExperts::gate).map(layer -> PreparedSide.of(layer, flavour));
        this.logits = block.router().layer().map(layer -> PreparedSide.of(layer, flavour));
        List<Matmul> matmuls = new ArrayList<>(experts.matmuls());
        shared.ifPresent(mlp -> matmuls.addAll(mlp.matmuls()));
        List<FloatArray> floats = new ArrayList<>(block.router().scoreBias().stream().toList());
        Stream.of(logits, sharedGate).flatMap(Optional::stream).forEach(layer -> {
            matmuls.addAll(layer.matmuls());
            floats.addAll(layer.floats());
        });
        this.plan = new BatchPlan(new ResidentWeights(matmuls, floats));
        this.byExperts = wayIn("experts", this::given);
        this.byLogits = wayIn("logits", this::fromLogits);
        this.byTokens = wayIn("tokens", this::fromTokens);
    }

    private WayIn<Buffers> wayIn(String name, Selection selection) {
        return plan.wayIn(name, (graph, capacity) -> addBatch(graph, capacity, selection));
    }

    /** Bytes of all weights and biases, router and shared experts included, in the layout of the kernels. */
    public long weightBytes() {
        return plan.weightBytes();
    }

    /**
     * Runs tokens through the experts that were chosen for them.
     *
     * @param x {@code [T, H]}
     * @param chosen {@code [T, k]}; an id of {@value #NO_EXPERT} stands for no expert
     * @param y {@code [T, H]}, written
     * @throws IllegalArgumentException if an id is that of no expert that there is
     */
    public void apply(FloatArray x, Routed chosen, int tokens, FloatArray y) {
        for (int slot = 0; slot < tokens * topK(); slot++) {
            int expert = chosen.ids().get(slot);
            if (expert < NO_EXPERT || expert >= router.topK().experts()) {
                throw new IllegalArgumentException("expert id out of range: topk_ids of token " + slot / topK()
                        + " has " + expert + ", expected 0 to " + (router.topK().experts() - 1) + ", or " + NO_EXPERT
                        + " for none");
            }
        }
        run(byExperts, x, List.of(chosen.ids(), chosen.weights()), tokens, y);
    }

    /**
     * Chooses experts by logits and runs tokens through them.
     *
     * @param x {@code [T, H]}
     * @param logits {@code [T, E]}
     * @param y {@code [T, H]}, written
     */
    public void apply(FloatArray x, FloatArray logits, int tokens, FloatArray y) {
        run(byLogits, x, List.of(logits), tokens, y);
    }

    /**
     * The whole block.
     *
     * @param x {@code [T, H]}
     * @param y {@code [T, H]}, written
     * @throws IllegalStateException if the block has no weight that gives logits
     */
    public void apply(FloatArray x, int tokens, FloatArray y) {
        if (logits.isEmpty()) {
            throw new IllegalStateException("the block has no router weight: router logits must be given");
        }
        run(byTokens, x, List.of(), tokens, y);
    }

    private static void run(WayIn<Buffers> wayIn, FloatArray x, List<TornadoNativeArray> sides, int tokens,
            FloatArray y) {
        for (int from = 0; from < tokens; from += BatchPlan.MAX_ROWS) {
            int count = Math.min(BatchPlan.MAX_ROWS, tokens - from);
            Buffers buffers = wayIn.buffersFor(count);
            buffers.setCount(count);
            buffers.x.copyFrom(x, from, count);
            for (int i = 0; i < sides.size(); i++) {
                Side side = buffers.sides.get(i);
                long rowBytes = side.perToken * (long) Integer.BYTES;
                MemorySegment.copy(sides.get(i).getSegment(), from * rowBytes, side.buffer.getSegment(), 0,
                        count * rowBytes);
            }
            wayIn.execute(count);
            buffers.y.copyTo(y, from, count);
        }
    }

    @Override
    public void profile(boolean on) {
        plan.profile(on);
    }

    @Override
    public GraphTimes takeTimes() {
        return plan.takeTimes();
    }

    @Override
    public void close() {
        plan.close();
    }

    private Routed given(LayerGraph graph, Buffers buffers) {
        int slots = buffers.x.capacity() * topK();
        Routed chosen = new Routed(new IntArray(slots), new FloatArray(slots));
        graph.inputs(chosen.ids(), chosen.weights());
        buffers.sides.add(new Side(chosen.ids(), topK()));
        buffers.sides.add(new Side(chosen.weights(), topK()));
        return chosen;
    }

    private Routed fromLogits(LayerGraph graph, Buffers buffers) {
        Rows rows = rowsOf(router.topK().experts(), graph, buffers);
        graph.inputs(rows.values());
        buffers.sides.add(new Side(rows.values(), rows.width()));
        return router.topK().addTo(graph, rows, router.scoreBias());
    }

    private Routed fromTokens(LayerGraph graph, Buffers buffers) {
        Rows rows = rowsOf(router.topK().experts(), graph, buffers);
        logits.orElseThrow().addTo(graph, "logits", buffers.x, rows);
        return router.topK().addTo(graph, rows, router.scoreBias());
    }

    /** A row for each token. */
    private static Rows rowsOf(int width, LayerGraph graph, Buffers buffers) {
        Rows rows = Rows.allocate(buffers.x.capacity(), width);
        graph.counts(rows.capacity(), rows.shape());
        buffers.shapes.add(rows.shape());
        return rows;
    }

    private int topK() {
        return router.topK().topK();
    }

    private Buffers addBatch(LayerGraph graph, int capacity, Selection selection) {
        Rows x = Rows.allocate(capacity, experts.hidden());
        Rows y = x.with(new FloatArray(x.values().getSize()));
        Buffers buffers = new Buffers(x, new ArrayList<>(), new ArrayList<>(), y);
        graph.inputs(x.values()).counts(capacity, x.shape());
        Routed chosen = selection.addTo(graph, buffers);
        SlotRows slots = addSlots(graph, x, chosen);
        Rows results = experts.addTo(graph, "experts", slots.rows, slots.blocks);
        Optional<Rows> sharedResults = shared.map(mlp -> {
            Rows input = mlp.quantizedInput(graph, "shared", x);
            return mlp.addTo(graph, "shared", input,
                    RowBlocks.ofOneWeight(graph, mlp.rowsPerBlock(capacity), capacity));
        });
        Optional<Rows> gates = sharedGate.map(gate -> {
            Rows rows = rowsOf(1, graph, buffers);
            gate.addTo(graph, "sharedGate", x, rows);
            return rows;
        });
        graph.task(TaskPackage.createPackage("combine", ExpertKernels::combine, results.values(), slots.rowOfSlot,
                chosen.weights(), sharedResults.orElse(results).values(),
                gates.map(Rows::values).orElse(chosen.weights()), x.shape(), y.values(), topK(),
                weightOnInput.isPresent() ? 0 : 1, (sharedResults.isPresent() ? 1 : 0) + (gates.isPresent() ? 1 : 0)),
                x.width(), capacity);
        graph.outputs(y.values());
        return buffers;
    }

    /**
     * The inputs of experts: a row for each slot of a local one, in blocks of one expert each.
     *
     * @param rowOfSlot {@code [T, k]}, -1 where the expert is not local
     */
    private record SlotRows(Rows rows, RowBlocks blocks, IntArray rowOfSlot) {
    }

    private SlotRows addSlots(LayerGraph graph, Rows x, Routed chosen) {
        int localExperts = experts.experts();
        IntArray shape = IntArray.fromElements(0, x.width());
        IntArray labels = new IntArray(localExperts);
        for (int expert = 0; expert < localExperts; expert++) {
            labels.set(expert, expert);
        }
        graph.constants(expertMap, labels, shape);
        int slotsPerExpert = Math.ceilDiv(chosen.ids().getSize(), router.topK().experts());
        int rowsPerBlock = experts.rowsPerBlock(slotsPerExpert);
        Aligned aligned = ExpertBuckets
                .addTo(graph, chosen.ids(), topK(), x.shape(), expertMap, localExperts)
                .align(graph, rowsPerBlock, labels, shape);
        int capacity = aligned.slots().getSize();
        Rows slots = new Rows(new FloatArray(Math.multiplyExact(capacity, x.width())), shape, capacity, x.width());
        Rows rows = weightOnInput.map(dtype -> {
            gatherWeighted(graph, x, chosen, aligned, slots, dtype);
            return experts.quantizedInput(graph, "experts", slots);
        }).orElseGet(() -> {
            Rows tokenInputs = experts.quantizedInput(graph, "experts", x);
            graph.task(TaskPackage.createPackage("gather", ExpertKernels::gather, tokenInputs.values(),
                    aligned.slots(), x.shape(), slots.shape(), slots.values(), topK()), slots.width(),
                    slots.capacity());
            return slots;
        });
        return new SlotRows(rows, new RowBlocks(rowsPerBlock, aligned.blockExperts()), aligned.rows());
    }

    private void gatherWeighted(LayerGraph graph, Rows x, Routed chosen, Aligned aligned, Rows slots,
            ModelDtype dtype) {
        FloatArray rounding = dtype.roundingTable();
        graph.constants(rounding);
        graph.task(TaskPackage.createPackage("gather", ExpertKernels::gatherWeighted, x.values(), aligned.slots(),
                chosen.weights(), rounding, x.shape(), slots.shape(), slots.values(), topK(),
                dtype == ModelDtype.F32 ? 0 : 1), slots.width(), slots.capacity());
    }
}
