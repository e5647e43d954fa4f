package org.quantado.schemes.quantize;

import java.lang.foreign.Arena;
import java.lang.foreign.SegmentAllocator;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.quantado.schemes.checkpoint.Checkpoint;
import org.quantado.schemes.checkpoint.Tensor;
import org.quantado.schemes.checkpoint.TensorInfo;
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

    /** Whether the input has a tensor of this name. */
    public boolean has(String name) {
        return plan.input().infos().stream().anyMatch(tensor -> tensor.name().equals(name));
    }

    /** The first of the input's tensors below a module. */
    public String firstBelow(String module) {
        return plan.input().infos().stream().map(TensorInfo::name).filter(name -> name.startsWith(module + "."))
                .findFirst().orElseThrow();
    }

    /** The input with a decoder layer in the place of its own that is finished. */
    public Checkpoint withFinished(int number) {
        Set<String> names = plan.input().infos().stream().map(TensorInfo::name).collect(Collectors.toSet());
        Map<String, PlannedLayer> planned = layers();
        Map<String, List<Tensor>> others = new LinkedHashMap<>();
        for (Tensor tensor : finished.tensors(number)) {
            String module = tensor.name().substring(0, tensor.name().lastIndexOf('.'));
            String inItsPlace = planned.containsKey(module) ? PlannedLayer.weightOf(module) : firstBelow(module);
            String replaced = names.contains(tensor.name()) ? tensor.name() : inItsPlace;
            others.computeIfAbsent(replaced, name -> new ArrayList<>()).add(tensor);
        }
        others.forEach((replaced, by) -> {
            String module = replaced.substring(0, replaced.lastIndexOf('.'));
            boolean isReplaced = (planned.containsKey(module) && replaced.equals(PlannedLayer.weightOf(module)))
                    || by.stream().anyMatch(tensor -> tensor.name().equals(replaced));
            if (!isReplaced) {
                by.add(tensor(replaced, Arena.ofAuto()).named(replaced));
            }
        });
        return with(others);
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
