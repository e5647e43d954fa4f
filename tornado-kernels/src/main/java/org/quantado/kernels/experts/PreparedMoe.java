package org.quantado.kernels.experts;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

import org.quantado.kernels.codec.ModelDtype;
import org.quantado.kernels.graph.LayerGraph;
import org.quantado.kernels.graph.LayerNumber;
import org.quantado.kernels.graph.RowCounts;
import org.quantado.kernels.graph.Rows;
import org.quantado.kernels.matmul.Flavour;
import org.quantado.kernels.matmul.FlavourChoice;
import org.quantado.kernels.matmul.Matmul;
import org.quantado.kernels.matmul.RowBlocks;
import org.quantado.kernels.routing.ExpertBuckets;
import org.quantado.kernels.routing.Routed;

import uk.ac.manchester.tornado.api.WorkerGrid;
import uk.ac.manchester.tornado.api.WorkerGrid1D;
import uk.ac.manchester.tornado.api.common.TaskPackage;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** A mixture of experts whose weights are in the layout of a flavour: the tasks that make it a part of any graph. */
public final class PreparedMoe {
    private final Router router;
    private final IntArray expertMap;
    private final Optional<ModelDtype> weightOnInput;
    private final LayerNumber layer;
    private final Flavour flavour;
    private final int localExperts;
    private final PreparedMlp experts;
    private final Optional<PreparedMlp> shared;
    private final Optional<PreparedSide> sharedGate;
    private final Optional<PreparedSide> logits;

    public PreparedMoe(MoeBlock block, FlavourChoice flavour) {
        this.router = block.router();
        this.expertMap = block.expertMap();
        this.weightOnInput = block.weightOnInput();
        this.layer = block.layer();
        this.flavour = flavour.flavour();
        this.localExperts = block.experts().experts() / layer.layers();
        this.experts = new PreparedMlp(block.experts(), flavour);
        this.shared = block.shared().map(some -> new PreparedMlp(some.mlp(), flavour));
        this.sharedGate = block.shared().flatMap(SharedExperts::gate)
                .map(side -> PreparedSide.of(side, layer, flavour));
        this.logits = block.router().layer().map(side -> PreparedSide.of(side, layer, flavour));
    }

    /** All products with weights, which a graph must have on the device. */
    public List<Matmul> matmuls() {
        List<Matmul> matmuls = new ArrayList<>(experts.matmuls());
        shared.ifPresent(mlp -> matmuls.addAll(mlp.matmuls()));
        sides().forEach(side -> matmuls.add(side.matmul()));
        return matmuls;
    }

    /** What else a graph must have on the device. */
    public List<FloatArray> floats() {
        return router.scoreBias().stream().toList();
    }

    private Stream<PreparedSide> sides() {
        return Stream.of(logits, sharedGate).flatMap(Optional::stream);
    }

    /** H. */
    int hidden() {
        return experts.hidden();
    }

    /** E. */
    int experts() {
        return router.topK().experts();
    }

    /** k. */
    int topK() {
        return router.topK().topK();
    }

    LayerNumber layer() {
        return layer;
    }

    boolean hasRouter() {
        return logits.isPresent();
    }

    /** How experts are chosen in a graph. */
    interface Choice {
        /** Adds the tasks that fill the buckets by it. */
        Routed addTo(LayerGraph graph, ExpertBuckets buckets);
    }

    /** The choice that is made already, on the device. */
    Choice given(Routed chosen, Rows x) {
        return (graph, buckets) -> {
            buckets.addTo(graph, "bucket", chosen.ids(), x.shape(), layer);
            return chosen;
        };
    }

    /** The choice by logits, whose shape is on the device. */
    Choice byLogits(Rows logitRows) {
        return (graph, buckets) -> router.topK().addTo(graph, logitRows, router.scoreBias(), layer, buckets);
    }

    /** Adds the logits, whose shape is on the device, for the choice by them. */
    Choice byTokens(LayerGraph graph, Rows x, Rows logitRows) {
        logits.orElseThrow().addTo(graph, "logits", x, logitRows);
        return byLogits(logitRows);
    }

    /**
     * Adds the whole block to a graph that has the weights, the layer's number and x on the device.
     *
     * @param x {@code [T, H]}
     * @param sharedReader reads what goes through shared experts, where there are any
     * @return {@code [T, H]}
     */
    public Rows addTo(LayerGraph graph, Rows x, MlpReader sharedReader) {
        Rows y = x.with(new FloatArray(Math.multiplyExact(x.capacity(), x.width())));
        Rows logitRows = rowsLike(graph, "logitRows", x, experts());
        addTo(graph, x, byTokens(graph, x, logitRows), y, sharedReader);
        return y;
    }

    /** As {@link #addTo(LayerGraph, Rows, MlpReader)}, for experts that are chosen in some way. */
    void addTo(LayerGraph graph, Rows x, Choice choice, Rows y) {
        addTo(graph, x, choice, y, MlpReader.NONE);
    }

    /**
     * Adds one expert that all tokens go through, whatever the router says.
     *
     * @param x {@code [T, H]}, on the device
     * @param expert which of the experts of all layers; on the device
     */
    public void addExpertTo(LayerGraph graph, Rows x, LayerNumber expert, MlpReader reader) {
        experts.addLayerTo(graph, "expert", x, RowBlocks.ofLayer(graph, "expertBlocks", expert, x.capacity()),
                reader);
    }

    /** E of all layers: how many {@link #addExpertTo} can be told apart. */
    public int expertsOfAllLayers() {
        return experts.experts();
    }

    private void addTo(LayerGraph graph, Rows x, Choice choice, Rows y, MlpReader sharedReader) {
        ExpertBuckets buckets = buckets(graph, x.capacity());
        Routed chosen = choice.addTo(graph, buckets);
        Rows results = addExperts(graph, x, chosen, buckets);
        Optional<Rows> sharedResults = shared.map(mlp -> mlp.addLayerTo(graph, "shared", x,
                RowBlocks.ofLayer(graph, "sharedBlocks", layer, x.capacity()), sharedReader));
        Optional<Rows> gates = sharedGate.map(gate -> {
            Rows rows = rowsLike(graph, "gateRows", x, 1);
            gate.addTo(graph, "sharedGate", x, rows);
            return rows;
        });
        graph.task(TaskPackage.createPackage("combine",
                flavour == Flavour.HOST ? HostExperts::combine : ExpertKernels::combine, results.values(),
                buckets.rows(), chosen.weights(), sharedResults.orElse(results).values(),
                gates.map(Rows::values).orElse(chosen.weights()), x.shape(), y.values(), topK(),
                weightOnInput.isPresent() ? 0 : 1, (sharedResults.isPresent() ? 1 : 0) + (gates.isPresent() ? 1 : 0)),
                x.width(), x.capacity());
    }

    /** Rows of another width, as many as x has. */
    private static Rows rowsLike(LayerGraph graph, String task, Rows x, int width) {
        Rows rows = Rows.allocate(x.capacity(), width);
        RowCounts.addTo(graph, task, x, List.of(rows.shape()));
        return rows;
    }

    private ExpertBuckets buckets(LayerGraph graph, int tokens) {
        graph.constants(expertMap);
        return ExpertBuckets.allocate(expertMap, localExperts, tokens, topK(),
                experts.rowsPerBlock(expectedRows(tokens)));
    }

    /**
     * How many rows of an expert are worth a block together. On the host engine a block takes as long as the rows in it: two
     * are worth it, although few experts have them.
     */
    private int expectedRows(int tokens) {
        int slotsPerExpert = Math.ceilDiv(Math.multiplyExact(tokens, topK()), experts());
        return flavour == Flavour.HOST ? Math.max(Math.min(tokens, 2), slotsPerExpert) : slotsPerExpert;
    }

    /** What experts give for the slots, in the order of the buckets. */
    private Rows addExperts(LayerGraph graph, Rows x, Routed chosen, ExpertBuckets buckets) {
        Rows slots = Rows.allocate(buckets.slots().getSize(), x.width());
        PreparedMlp.Between between = experts.between(slots.capacity());
        graph.constants(slots.shape()).constants(between.shapes().toArray());
        RowBlocks blocks = new RowBlocks(buckets.blockSize(), buckets.blockExperts(), Optional.of(buckets.starts()));
        boolean quantizesSlots = weightOnInput.isPresent() || experts.quantizesForExperts();
        Rows tokens = quantizesSlots ? x : experts.quantizedInput(graph, "experts", x);
        addGather(graph, tokens, chosen, buckets, slots, between);
        Rows inputs = quantizesSlots ? experts.quantizedInput(graph, "experts", slots, blocks) : slots;
        return experts.addTo(graph, "experts", inputs, blocks, between, MlpReader.NONE);
    }

    private void addGather(LayerGraph graph, Rows tokens, Routed chosen, ExpertBuckets buckets, Rows slots,
            PreparedMlp.Between between) {
        IntArray wide = between.gatesAndUps().shape();
        IntArray narrow = between.activated().shape();
        if (weightOnInput.isPresent()) {
            FloatArray rounding = weightOnInput.get().roundingTable();
            graph.constants(rounding);
            graph.task(TaskPackage.createPackage("gather", ExpertKernels::gatherWeighted, tokens.values(),
                    buckets.slots(), buckets.starts(), chosen.weights(), rounding, tokens.shape(), slots.shape(), wide,
                    narrow, slots.values(), topK(), localExperts, weightOnInput.get() == ModelDtype.F32 ? 0 : 1),
                    slots.width(), slots.capacity());
        } else if (flavour == Flavour.HOST || flavour == Flavour.CPU) {
            WorkerGrid byRows = new WorkerGrid1D(slots.capacity());
            byRows.setLocalWork(1, 1, 1);
            graph.task(TaskPackage.createPackage("gather",
                    flavour == Flavour.HOST ? HostExperts::gather : ExpertKernels::gatherRows, tokens.values(),
                    buckets.slots(), buckets.starts(), tokens.shape(), slots.shape(), wide, narrow, slots.values(),
                    topK(), localExperts), byRows);
        } else {
            graph.task(TaskPackage.createPackage("gather", ExpertKernels::gather, tokens.values(), buckets.slots(),
                    buckets.starts(), tokens.shape(), slots.shape(), wide, narrow, slots.values(), topK(),
                    localExperts), slots.width(), slots.capacity());
        }
    }
}
