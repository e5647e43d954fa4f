package org.quantado.kernels.experts;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

import org.quantado.kernels.graph.BatchPlan;
import org.quantado.kernels.graph.BatchPlan.WayIn;
import org.quantado.kernels.graph.GraphTimes;
import org.quantado.kernels.graph.LayerGraph;
import org.quantado.kernels.graph.Profiled;
import org.quantado.kernels.graph.Rows;
import org.quantado.kernels.matmul.FlavourChoice;
import org.quantado.kernels.matmul.ResidentWeights;
import org.quantado.kernels.routing.Routed;

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

    private final PreparedMoe moe;
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
        PreparedMoe.Choice addTo(LayerGraph graph, Buffers buffers);
    }

    /** A plan with the flavour of the device. */
    public MoePlan(MoeBlock block) {
        this(block, FlavourChoice.forDevice());
    }

    /** A plan with kernels of one flavour, for weights that it has kernels for. */
    public MoePlan(MoeBlock block, FlavourChoice flavour) {
        this.moe = new PreparedMoe(block, flavour);
        this.plan = new BatchPlan(new ResidentWeights(moe.matmuls(), moe.floats()));
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
        for (int slot = 0; slot < tokens * moe.topK(); slot++) {
            int expert = chosen.ids().get(slot);
            if (expert < NO_EXPERT || expert >= moe.experts()) {
                throw new IllegalArgumentException("expert id out of range: topk_ids of token " + slot / moe.topK()
                        + " has " + expert + ", expected 0 to " + (moe.experts() - 1) + ", or " + NO_EXPERT
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
        if (!moe.hasRouter()) {
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

    private PreparedMoe.Choice given(LayerGraph graph, Buffers buffers) {
        int slots = buffers.x.capacity() * moe.topK();
        Routed chosen = new Routed(new IntArray(slots), new FloatArray(slots));
        graph.inputs(chosen.ids(), chosen.weights());
        buffers.sides.add(new Side(chosen.ids(), moe.topK()));
        buffers.sides.add(new Side(chosen.weights(), moe.topK()));
        return moe.given(chosen, buffers.x);
    }

    private PreparedMoe.Choice fromLogits(LayerGraph graph, Buffers buffers) {
        Rows rows = logitRows(graph, buffers);
        graph.inputs(rows.values());
        buffers.sides.add(new Side(rows.values(), rows.width()));
        return moe.byLogits(rows);
    }

    private PreparedMoe.Choice fromTokens(LayerGraph graph, Buffers buffers) {
        return moe.byTokens(graph, buffers.x, logitRows(graph, buffers));
    }

    private Rows logitRows(LayerGraph graph, Buffers buffers) {
        Rows rows = Rows.allocate(buffers.x.capacity(), moe.experts());
        graph.counts(rows.capacity(), rows.shape());
        buffers.shapes.add(rows.shape());
        return rows;
    }

    private Buffers addBatch(LayerGraph graph, int capacity, Selection selection) {
        Rows x = Rows.allocate(capacity, moe.hidden());
        Rows y = x.with(new FloatArray(x.values().getSize()));
        Buffers buffers = new Buffers(x, new ArrayList<>(), new ArrayList<>(), y);
        graph.inputs(x.values()).counts(capacity, x.shape());
        graph.constants(moe.layer().number());
        moe.addTo(graph, x, selection.addTo(graph, buffers), y);
        graph.outputs(y.values());
        return buffers;
    }
}
