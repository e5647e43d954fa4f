package org.quantado.schemes.quantize;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.quantado.schemes.cluster.Cluster;
import org.quantado.schemes.cluster.Place;
import org.quantado.schemes.cluster.TaskResult;
import org.quantado.schemes.cluster.WorkerRate;

/**
 * Writes the files of a plan with the processes of a cluster: first the units, packed into tasks by bytes, each task into a
 * part; then the files, put together of parts and of what is only copied.
 * <p>
 * A process writes under names that nobody else uses, and what it wrote counts once this one has noted it. So neither
 * processes that die nor those that do the same again change anything, and what was noted is kept.
 */
final class ClusterQuantization {
    /** Tasks for each that runs at a time, so that a slow machine keeps the others waiting for little. */
    private static final int TASKS_PER_SLOT = 8;
    /** Less than this is not worth a task. */
    private static final long LEAST_TASK_BYTES = 1 << 20;
    /** More than this is much to lose with a machine, and long to wait for. */
    private static final long MOST_TASK_BYTES = 1 << 28;

    private final Cluster cluster;
    private final QuantizationPlan plan;
    private final PartialOutput partial;
    private final FinishedLayers finished;
    private final QuantizationProgress progress;
    private final WorkerRate.Sums rates;
    private final Parts parts;
    private final Map<String, PlannedLayer> byWeight;

    /**
     * @param finished what a calibrator has finished
     * @param rates what the processes did before, to which is added what they do now
     */
    ClusterQuantization(Cluster cluster, QuantizationPlan plan, PartialOutput partial, FinishedLayers finished,
            WorkerRate.Sums rates, QuantizationProgress progress) {
        this.cluster = cluster;
        this.plan = plan;
        this.partial = partial;
        this.finished = finished;
        this.rates = rates;
        this.progress = progress;
        this.parts = new Parts(partial.parts());
        this.byWeight = plan.layers().collect(Collectors.toMap(PlannedLayer::weight, Function.identity()));
    }

    /** Whether a layer is finished, by a calibrator or in a part. */
    boolean isFinished(PlannedLayer layer) {
        return finished.error(layer.name()).isPresent()
                || partial.journal().entry(layer.weight()).filter(parts::has).isPresent();
    }

    /**
     * Writes what is not there yet.
     *
     * @param place what the processes need
     * @throws IOException if a disk refuses, or a task failed wherever it was tried
     */
    void run(Place<PlannedInput> place) throws IOException {
        clean(partial.parts(), plan.layers().map(layer -> partial.journal().entry(layer.weight()))
                .flatMap(entry -> entry.flatMap(Journal.Entry::part).stream()).collect(Collectors.toSet()));
        clean(partial.shards(), Set.of());
        List<Unit> units = Unit.of(plan.layers().filter(layer -> !isFinished(layer)));
        plan.layers().filter(this::isFinished).forEach(layer -> progress.advance(layer.weight(), 0));
        List<List<Unit>> packs = Unit.pack(units, plan::inputBytes, taskBytes(units));
        AtomicInteger done = new AtomicInteger();
        cluster.run("Quantizing " + units.size() + " units", place, packs.stream().map(PartTask::of).toList(),
                result -> {
                    finishPart(result);
                    progress.units(done.addAndGet(packs.get(result.task()).size()), units.size());
                });
        List<QuantizationPlan.Shard> shards = plan.shards().stream()
                .filter(shard -> !partial.journal().hasShard(shard.name())
                        || !Files.exists(partial.checkpoint().resolve(shard.name())))
                .toList();
        cluster.run("Putting " + shards.size() + " files together", place,
                shards.stream().map(shard -> ShardTask.of(shard, partial.journal())).toList(),
                result -> finishShard(shards.get(result.task()), result.value()));
    }

    /** Errors of all layers, in the order of the plan. */
    List<LayerError> errors() {
        return plan.layers()
                .map(layer -> finished.error(layer.name())
                        .or(() -> partial.journal().entry(layer.weight()).flatMap(Journal.Entry::error)).orElseThrow())
                .toList();
    }

    private long taskBytes(List<Unit> units) {
        long all = units.stream().flatMap(unit -> unit.layers().stream()).mapToLong(plan::inputBytes).sum();
        return Math.clamp(all / cluster.slots() / TASKS_PER_SLOT, LEAST_TASK_BYTES, MOST_TASK_BYTES);
    }

    private void finishPart(TaskResult<PartTask.Entries> result) {
        long bytes = 0;
        try {
            for (String line : result.value().lines()) {
                Journal.Entry entry = Journal.Entry.read(line);
                partial.journal().add(entry);
                long layerBytes = plan.inputBytes(byWeight.get(entry.tensor()));
                progress.advance(entry.tensor(), layerBytes);
                bytes += layerBytes;
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        rates.add(result, bytes);
    }

    private void finishShard(QuantizationPlan.Shard shard, String written) {
        try {
            Files.move(partial.shards().resolve(written), partial.checkpoint().resolve(shard.name()),
                    StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            partial.journal().addShard(shard.name());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        shard.copied().forEach(tensor -> progress.advance(tensor, 0));
    }

    /** Makes a folder that has nothing but these files. */
    private static void clean(Path folder, Set<String> kept) throws IOException {
        Files.createDirectories(folder);
        Set<Path> others = new HashSet<>();
        try (Stream<Path> files = Files.list(folder)) {
            files.filter(file -> !kept.contains(file.getFileName().toString())).forEach(others::add);
        }
        for (Path file : others) {
            Files.deleteIfExists(file);
        }
    }
}
