package org.quantado.schemes.quantize;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.quantado.schemes.checkpoint.Checkpoint;
import org.quantado.schemes.checkpoint.Tensor;
import org.quantado.schemes.checkpoint.TensorInfo;
import org.quantado.schemes.config.QuantizationConfig;

/**
 * What a process needs to quantize some of a checkpoint: the checkpoint, the whole plan, and the folders to write to. Every
 * weight is a matrix of its own.
 */
public final class PlannedInput implements AutoCloseable {
    private final Checkpoint checkpoint;
    private final QuantizationPlan plan;
    private final Observer observer;
    private final Optional<Path> calibration;
    private final Map<String, PlannedLayer> layers = new LinkedHashMap<>();
    private final Folders folders;
    private Optional<FinishedLayers> finished = Optional.empty();

    /**
     * Folders of what is not complete yet.
     *
     * @param parts for layers
     * @param shards for files of the checkpoint
     * @param calibration where a calibrator works
     */
    record Folders(Path parts, Path shards, Path calibration) {
        static Folders of(PartialOutput partial) {
            return new Folders(partial.parts(), partial.shards(), partial.calibration());
        }
    }

    /** @param calibration file of recorded inputs, if there is one */
    PlannedInput(Checkpoint checkpoint, QuantizationPlan plan, Observer observer, Optional<Path> calibration,
            Folders folders) {
        this.checkpoint = checkpoint;
        this.plan = plan;
        this.observer = observer;
        this.calibration = calibration;
        this.folders = folders;
        plan.layers().forEach(layer -> layers.put(layer.name(), layer));
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
        return Collections.unmodifiableMap(layers);
    }

    /** How the ranges of weights are chosen. */
    public Observer observer() {
        return observer;
    }

    /**
     * A tensor of the input.
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

    /** Size of the weight of a layer before it is quantized. */
    public long weightBytes(String layer) {
        return plan.inputBytes(layers.get(layer));
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

    /**
     * The input with a decoder layer in the place of its own that is finished.
     *
     * @param tensors what differs from the input
     */
    public Checkpoint withFinished(List<Tensor> tensors) {
        Set<String> names = plan.input().infos().stream().map(TensorInfo::name).collect(Collectors.toSet());
        Map<String, List<Tensor>> others = new LinkedHashMap<>();
        for (Tensor tensor : tensors) {
            String module = tensor.name().substring(0, tensor.name().lastIndexOf('.'));
            String inItsPlace = layers.containsKey(module) ? PlannedLayer.weightOf(module) : firstBelow(module);
            String replaced = names.contains(tensor.name()) ? tensor.name() : inItsPlace;
            others.computeIfAbsent(replaced, name -> new ArrayList<>()).add(tensor);
        }
        others.forEach((replaced, by) -> {
            String module = replaced.substring(0, replaced.lastIndexOf('.'));
            boolean isReplaced = (layers.containsKey(module) && replaced.equals(PlannedLayer.weightOf(module)))
                    || by.stream().anyMatch(tensor -> tensor.name().equals(replaced));
            if (!isReplaced) {
                by.add(tensor(replaced, Arena.ofAuto()).named(replaced));
            }
        });
        return with(others);
    }

    LinearizedCheckpoint tensors() {
        return plan.input();
    }

    /** The plan of a layer. */
    PlannedLayer layer(String name) {
        return layers.get(name);
    }

    /** The plan of a file. */
    QuantizationPlan.Shard shard(String name) {
        return plan.shards().stream().filter(shard -> shard.name().equals(name)).findFirst().orElseThrow();
    }

    /** What quantizes these layers. */
    LayerQuantizer quantizer(List<PlannedLayer> some) {
        return new LayerQuantizer(plan.input(), observer, activationScales(some));
    }

    private Map<String, MemorySegment> activationScales(List<PlannedLayer> some) {
        return calibration.map(file -> RecordedActivations.scales(file,
                some.stream().filter(layer -> ActivationScales.areNeededFor(layer.group())).toList())).orElse(Map.of());
    }

    /** What a calibrator has finished, all of it. */
    synchronized FinishedLayers finished() {
        if (finished.isEmpty()) {
            finished = Optional.of(FinishedLayers.in(folders.calibration));
        }
        return finished.get();
    }

    Folders folders() {
        return folders;
    }

    @Override
    public synchronized void close() {
        finished.ifPresent(FinishedLayers::close);
        checkpoint.close();
    }
}
