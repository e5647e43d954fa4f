package org.quantado.schemes.quantize;

import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.quantado.schemes.checkpoint.Checkpoint;

/**
 * What a process needs to quantize some of a checkpoint: the checkpoint, the whole plan, and the folders to write to.
 */
final class PlannedInput implements AutoCloseable {
    private final Checkpoint checkpoint;
    private final QuantizationPlan plan;
    private final Observer observer;
    private final Optional<Path> calibration;
    private final Map<String, PlannedLayer> layers;
    private final Path parts;
    private final Path shards;

    /**
     * @param parts folder for layers
     * @param shards folder for files of the checkpoint
     */
    PlannedInput(Checkpoint checkpoint, QuantizationPlan plan, Observer observer, Optional<Path> calibration,
            Path parts, Path shards) {
        this.checkpoint = checkpoint;
        this.plan = plan;
        this.observer = observer;
        this.calibration = calibration;
        this.layers = plan.layers().collect(Collectors.toMap(PlannedLayer::name, Function.identity()));
        this.parts = parts;
        this.shards = shards;
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

    Path parts() {
        return parts;
    }

    Path shards() {
        return shards;
    }

    @Override
    public void close() {
        checkpoint.close();
    }
}
