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
import org.quantado.kernels.matmul.FlavourChoice;
import org.quantado.kernels.matmul.LayerBlocks;
import org.quantado.kernels.matmul.Matmul;
import org.quantado.kernels.matmul.RowBlocks;
import org.quantado.kernels.routing.ExpertBuckets;
import org.quantado.kernels.routing.ExpertBuckets.Aligned;
import org.quantado.kernels.routing.Routed;

import uk.ac.manchester.tornado.api.common.TaskPackage;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** A mixture of experts whose weights are in the layout of a flavour: the tasks that make it a part of any graph. */
public final class PreparedMoe {
    private final Router router;
    private final IntArray expertMap;
    private final Optional<ModelDtype> weightOnInput;
    private final LayerNumber layer;
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

    /** Adds the choice of experts by logits, whose shape is on the device. */
    Routed route(LayerGraph graph, Rows logitRows) {
        return router.topK().addTo(graph, logitRows, router.scoreBias(), layer);
    }

    /** Adds the logits, whose shape is on the device, and the choice of experts by them. */
    Routed route(LayerGraph graph, Rows x, Rows logitRows) {
        logits.orElseThrow().addTo(graph, "logits", x, logitRows);
        return route(graph, logitRows);
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
        addTo(graph, x, route(graph, x, logitRows), y, sharedReader);
        return y;
    }

    /** As {@link #addTo(LayerGraph, Rows, MlpReader)}, for experts that are chosen already. */
    void addTo(LayerGraph graph, Rows x, Routed chosen, Rows y) {
        addTo(graph, x, chosen, y, MlpReader.NONE);
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

    private void addTo(LayerGraph graph, Rows x, Routed chosen, Rows y, MlpReader sharedReader) {
        SlotRows slots = addSlots(graph, x, chosen);
        Rows results = experts.addTo(graph, "experts", slots.rows, slots.blocks, MlpReader.NONE);
        Optional<Rows> sharedResults = shared.map(mlp -> mlp.addLayerTo(graph, "shared", x,
                RowBlocks.ofLayer(graph, "sharedBlocks", layer, x.capacity()), sharedReader));
        Optional<Rows> gates = sharedGate.map(gate -> {
            Rows rows = rowsLike(graph, "gateRows", x, 1);
            gate.addTo(graph, "sharedGate", x, rows);
            return rows;
        });
        graph.task(TaskPackage.createPackage("combine", ExpertKernels::combine, results.values(), slots.rowOfSlot,
                chosen.weights(), sharedResults.orElse(results).values(),
                gates.map(Rows::values).orElse(chosen.weights()), x.shape(), y.values(), topK(),
                weightOnInput.isPresent() ? 0 : 1, (sharedResults.isPresent() ? 1 : 0) + (gates.isPresent() ? 1 : 0)),
                x.width(), x.capacity());
    }

    /** Rows of another width, as many as x has. */
    private static Rows rowsLike(LayerGraph graph, String task, Rows x, int width) {
        Rows rows = Rows.allocate(x.capacity(), width);
        RowCounts.addTo(graph, task, x.shape(), List.of(rows.shape()));
        return rows;
    }

    /** What local experts are called among those of all layers. */
    private IntArray labels(LayerGraph graph) {
        if (layer.layers() > 1) {
            return LayerBlocks.addExperts(graph, "labels", localExperts, layer.number());
        }
        IntArray labels = new IntArray(localExperts);
        for (int expert = 0; expert < localExperts; expert++) {
            labels.set(expert, expert);
        }
        graph.constants(labels);
        return labels;
    }

    /**
     * The inputs of experts: a row for each slot of a local one, in blocks of one expert each.
     *
     * @param rowOfSlot {@code [T, k]}, -1 where the expert is not local
     */
    private record SlotRows(Rows rows, RowBlocks blocks, IntArray rowOfSlot) {
    }

    private SlotRows addSlots(LayerGraph graph, Rows x, Routed chosen) {
        IntArray shape = IntArray.fromElements(0, x.width());
        IntArray labels = labels(graph);
        graph.constants(expertMap, shape);
        int slotsPerExpert = Math.ceilDiv(chosen.ids().getSize(), router.topK().experts());
        int rowsPerBlock = experts.rowsPerBlock(slotsPerExpert);
        Aligned aligned = ExpertBuckets
                .addTo(graph, chosen.ids(), topK(), x.shape(), expertMap, localExperts)
                .align(graph, rowsPerBlock, labels, shape);
        int capacity = aligned.slots().getSize();
        Rows slots = new Rows(new FloatArray(Math.multiplyExact(capacity, x.width())), shape, capacity, x.width());
        RowBlocks blocks = new RowBlocks(rowsPerBlock, aligned.blockExperts());
        if (weightOnInput.isPresent()) {
            gatherWeighted(graph, x, chosen, aligned, slots, weightOnInput.get());
        } else if (experts.quantizesForExperts()) {
            gather(graph, x, x, aligned, slots);
        } else {
            gather(graph, x, experts.quantizedInput(graph, "experts", x), aligned, slots);
            return new SlotRows(slots, blocks, aligned.rows());
        }
        return new SlotRows(experts.quantizedInput(graph, "experts", slots, blocks), blocks, aligned.rows());
    }

    private void gather(LayerGraph graph, Rows x, Rows inputs, Aligned aligned, Rows slots) {
        graph.task(
                TaskPackage.createPackage("gather", ExpertKernels::gather, inputs.values(), aligned.slots(), x.shape(),
                        slots.shape(), slots.values(), topK()),
                slots.width(), slots.capacity());
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
