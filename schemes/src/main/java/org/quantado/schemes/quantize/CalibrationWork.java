package org.quantado.schemes.quantize;

import java.lang.foreign.SegmentAllocator;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.quantado.schemes.checkpoint.Checkpoint;
import org.quantado.schemes.checkpoint.Tensor;
import org.quantado.schemes.config.QuantizationConfig;

/** What a {@link Calibrator} has to do, and what it works with. */
public final class CalibrationWork {
    private final Checkpoint checkpoint;
    private final QuantizationPlan plan;
    private final Observer observer;
    private final FinishedLayers finished;
    private final QuantizationProgress progress;

    CalibrationWork(Checkpoint checkpoint, QuantizationPlan plan, Observer observer, FinishedLayers finished,
            QuantizationProgress progress) {
        this.checkpoint = checkpoint;
        this.plan = plan;
        this.observer = observer;
        this.finished = finished;
        this.progress = progress;
    }

    /** The input. */
    public Checkpoint checkpoint() {
        return checkpoint;
    }

    /** What the output will say of itself. */
    public QuantizationConfig config() {
        return plan.config();
    }

    /** The linear layers that are to be quantized, by name. */
    public Map<String, PlannedLayer> layers() {
        Map<String, PlannedLayer> layers = new LinkedHashMap<>();
        plan.shards().stream().flatMap(shard -> shard.layers().stream())
                .forEach(layer -> layers.put(layer.name(), layer));
        return layers;
    }

    /** How the ranges of weights are chosen. */
    public Observer observer() {
        return observer;
    }

    /**
     * A tensor of the input, in which every weight is a matrix of its own.
     *
     * @param memory where it is held if it is an expert's
     */
    public Tensor tensor(String name, SegmentAllocator memory) {
        return plan.input().tensor(name, memory);
    }

    /**
     * The input with other tensors in the place of some.
     *
     * @param others by the names that {@link #tensor} knows
     */
    public Checkpoint with(Map<String, ? extends Collection<Tensor>> others) {
        return plan.input().with(others);
    }

    /** What was finished so far, and what comes to it. */
    public FinishedLayers finished() {
        return finished;
    }

    /** Tells the user something. */
    public void warn(String sentence) {
        progress.warn(sentence);
    }
}
