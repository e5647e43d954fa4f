package org.quantado.models.decoder;

import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Map;
import java.util.HashSet;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;

import org.quantado.kernels.attention.KvCache;
import org.quantado.kernels.attention.KvFormat;
import org.quantado.kernels.attention.RopeTable;
import org.quantado.kernels.attention.SequenceRows;
import org.quantado.kernels.experts.PreparedMoe;
import org.quantado.kernels.graph.GraphPlan;
import org.quantado.kernels.graph.Heads;
import org.quantado.kernels.graph.LayerGraph;
import org.quantado.kernels.graph.LayerNumber;
import org.quantado.kernels.graph.RowBatch;
import org.quantado.kernels.graph.Rows;
import org.quantado.kernels.matmul.RowBlocks;
import org.quantado.models.family.DecoderSpec;

import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * One layer of a decoder on the device. Sequences go through it one at a time, from the states before it to those after
 * it, and what goes into its linear layers can be read on the way. Not thread-safe.
 */
public final class LayerRun implements AutoCloseable {
    private static final int ROWS = DecoderPlan.MAX_ROWS;

    private final int hidden;
    private final StackBuilder builder;
    private final float[] cacheScales;
    private final RopeTable ropeTable;
    private final DeviceState state = new DeviceState();
    private final SequenceRows places = SequenceRows.allocate(ROWS);
    private final IntArray ropeRows = new IntArray(ROWS);
    private final RowBatch batch = new RowBatch(ROWS);
    private final RowBatch expertBatch = new RowBatch(ROWS);
    private final Taps taps;
    private final Taps expertTaps;
    private final Map<String, TapPoint> layerPoints;
    private final List<TapPoint> expertPoints;
    private final LayerNumber expert;
    private final int upload;
    private final int layer;
    private final OptionalInt experts;
    private final GraphPlan plan;
    private Rows states;
    private Rows expertInput;

    /** Reads what goes through a layer, block by block. */
    @FunctionalInterface
    public interface Reader {
        /**
         * Of some consecutive tokens.
         *
         * @param point what it is
         * @param values {@code [count, width]} or more, to be read at once
         * @param width elements of a row
         */
        void read(TapPoint point, FloatArray values, int count, int width);
    }

    /**
     * @param wanted which of the layer's taps are to be read
     * @param cacheScales of keys and values
     */
    LayerRun(DecoderSpec spec, LayerModules modules, StackBuilder builder, int positions, KvFormat format,
            float[] cacheScales, Predicate<TapPoint> wanted) {
        this.hidden = spec.hidden();
        this.builder = builder;
        this.cacheScales = cacheScales;
        LayerStack stack = stack(modules);
        this.ropeTable = builder.table();
        List<TapPoint> points = modules.taps().stream().filter(wanted).toList();
        this.layerPoints = points.stream().filter(point -> point.expert().isEmpty())
                .collect(Collectors.toMap(TapPoint::name, point -> point));
        this.expertPoints = points.stream().filter(point -> point.expert().isPresent()).toList();
        Set<String> names = new HashSet<>(layerPoints.keySet());
        if (!expertPoints.isEmpty()) {
            names.add(LayerModules.GATE_UP);
        }
        this.taps = new Taps(names);
        this.expertTaps = new Taps(expertPoints.stream().map(TapPoint::name).collect(Collectors.toSet()));
        this.expert = LayerNumber.of(stack.mlp().experts().map(PreparedMoe::expertsOfAllLayers).orElse(1));
        KvCache cache = KvCache.allocate(stack.cacheShape(1, positions), format, stack.cacheScales());
        stack.addTo(state);
        state.add(cache);
        GraphPlan.Builder graphs = new GraphPlan.Builder();
        this.upload = graphs.add(DeviceState.GRAPH, state::uploadEachTime);
        this.layer = graphs.add("layer", graph -> addLayer(graph, stack, cache));
        this.experts = expertPoints.isEmpty()
                ? OptionalInt.empty()
                : OptionalInt.of(graphs.add("experts", graph -> addExpert(graph, stack.mlp().experts().orElseThrow())));
        this.plan = graphs.build();
        plan.execute(upload);
    }

    private LayerStack stack(LayerModules modules) {
        return builder.stack("layer", List.of(modules), cacheScales);
    }

    /** Takes the weights of another layer; false if the kernels have these in another layout. */
    boolean replace(LayerModules modules) {
        DeviceState other = new DeviceState();
        stack(modules).addTo(other);
        if (!state.copyFrom(other)) {
            return false;
        }
        plan.execute(upload);
        return true;
    }

    private void addLayer(LayerGraph graph, LayerStack stack, KvCache cache) {
        state.consumeIn(graph);
        graph.inputs(places.places(), ropeRows);
        graph.constants(stack.number().number());
        states = LayerRows.rows(graph, batch, hidden);
        graph.inputs(states.values());
        Rows attended = LayerRows.rows(graph, batch, hidden);
        RowBlocks blocks = RowBlocks.ofLayer(graph, "blocks", stack.number(), ROWS);
        stack.addTo(new LayerRows(graph, batch, blocks, stack.number(), places, ropeRows, cache, taps), states,
                attended);
        graph.outputs(states.values());
    }

    private void addExpert(LayerGraph graph, PreparedMoe moe) {
        state.consumeIn(graph);
        graph.inputs(expert.number());
        expertInput = LayerRows.rows(graph, expertBatch, hidden);
        graph.inputs(expertInput.values());
        moe.addExpertTo(graph, expertInput, expert, new MlpTaps(LayerModules.GATE_UP, LayerModules.DOWN,
                (name, rows) -> expertTaps.add(graph, expertBatch, name, Heads.whole(rows))));
    }

    /**
     * Runs a sequence.
     *
     * @param from {@code [length, H]}, floats: the states before the layer
     * @param to {@code [length, H]}, floats: written, the states after it
     * @param reader is given what was wanted
     */
    public void run(MemorySegment from, MemorySegment to, int length, Reader reader) {
        for (int first = 0; first < length; first += ROWS) {
            int count = Math.min(ROWS, length - first);
            for (int row = 0; row < count; row++) {
                places.places().set(2 * row, 0);
                places.places().set(2 * row + 1, first + row);
                ropeRows.set(row, ropeTable.row(first + row, length));
            }
            batch.setCount(count);
            long offset = (long) first * hidden * Float.BYTES;
            long bytes = (long) count * hidden * Float.BYTES;
            MemorySegment.copy(from, offset, states.values().getSegment(), 0, bytes);
            plan.execute(layer);
            MemorySegment.copy(states.values().getSegment(), 0, to, offset, bytes);
            read(count, reader);
        }
    }

    private void read(int count, Reader reader) {
        layerPoints.forEach((name, point) -> {
            Rows values = taps.read().get(name);
            reader.read(point, values.values(), count, values.width());
        });
        if (experts.isPresent()) {
            readExperts(count, reader);
        }
    }

    private void readExperts(int count, Reader reader) {
        expertBatch.setCount(count);
        FloatArray input = taps.read().get(LayerModules.GATE_UP).values();
        MemorySegment.copy(input.getSegment(), 0, expertInput.values().getSegment(), 0,
                (long) count * hidden * Float.BYTES);
        int executed = -1;
        for (TapPoint point : expertPoints) {
            if (point.expert().getAsInt() != executed) {
                executed = point.expert().getAsInt();
                expert.number().set(0, executed);
                plan.execute(experts.getAsInt());
            }
            Rows values = expertTaps.read().get(point.name());
            reader.read(point, values.values(), count, values.width());
        }
    }

    /** Frees the device's memory. */
    @Override
    public void close() {
        plan.close();
    }
}
