package org.quantado.schemes.quantize;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.quantado.schemes.checkpoint.Checkpoint;
import org.quantado.schemes.checkpoint.CheckpointException;
import org.quantado.schemes.checkpoint.DiskSpace;
import org.quantado.schemes.checkpoint.JsonFile;
import org.quantado.schemes.checkpoint.SafetensorsFile;
import org.quantado.schemes.checkpoint.TensorInfo;
import org.quantado.schemes.cluster.Cluster;
import org.quantado.schemes.cluster.SharedFiles;
import org.quantado.schemes.cluster.ThisMachine;
import org.quantado.schemes.cluster.WorkerRate;
import org.quantado.schemes.config.ModelConfig;
import org.quantado.schemes.dialect.Dialects;
import org.quantado.schemes.config.PythonJson;

/**
 * Quantizes a checkpoint folder into another one, as compressed-tensors would: the same files, in which the weights of
 * the layers that were asked for are quantized, and all other tensors are the same to the byte.
 * <p>
 * The output appears complete or not at all. The layers that an interrupted attempt has finished are kept in a folder
 * beside it, {@code OUT.partial}; the next attempt with the same settings goes on from there and gives the same bytes.
 * Where nothing was begun, what is refused leaves nothing. The input is only read, links as what they lead to.
 *
 * <pre>{@code
 * CheckpointQuantizer.quantize(in, out, QuantizationRequest.of(Preset.named("W4A16")), QuantizationProgress.NONE);
 * }</pre>
 */
public final class CheckpointQuantizer {
    /** Raised whenever the same settings would give other bytes, so that an attempt begun before is not gone on with. */
    private static final int ALGORITHM = 2;

    private final Path in;
    private final Path out;
    private final QuantizationRequest request;
    private final QuantizationProgress progress;
    private final Checkpoint checkpoint;
    private final QuantizationPlan plan;
    private final Map<String, MemorySegment> activationScales;
    private final Optional<Cluster> cluster;
    private final WorkerRate.Sums samples = new WorkerRate.Sums();
    private final WorkerRate.Sums weights = new WorkerRate.Sums();

    private CheckpointQuantizer(Path in, Path out, QuantizationRequest request, QuantizationProgress progress,
            Checkpoint checkpoint, Optional<Cluster> cluster) {
        this.in = in;
        this.out = out;
        this.request = request;
        this.progress = progress;
        this.checkpoint = checkpoint;
        this.cluster = cluster;
        this.plan = QuantizationPlan.of(checkpoint, request);
        this.activationScales = request.calibration().map(file -> RecordedActivations.scales(file, calibratedLayers()))
                .orElse(Map.of());
    }

    private List<PlannedLayer> calibratedLayers() {
        return plan.layers().filter(layer -> ActivationScales.areNeededFor(layer.group())).toList();
    }

    /**
     * Quantizes.
     *
     * @param in a folder with a {@code config.json} and safetensors of bf16, f16 or f32, or the id of a model in the cache
     * @param out the folder to write, which does not exist, in one that does
     * @throws QuantizeException if it cannot be done as asked
     * @throws CheckpointException if something is wrong with the input
     * @throws IOException if the disk refuses, for example because it is full; what was finished is kept
     */
    public static QuantizationResult quantize(Path in, Path out, QuantizationRequest request,
            QuantizationProgress progress) throws IOException {
        return quantize(in, out, request, progress, Optional.empty());
    }

    /**
     * Quantizes with the processes of a cluster, which see the same files under the same paths. The output is the same to
     * the byte.
     *
     * @throws org.quantado.schemes.cluster.ClusterException if a machine does not see them, with its name
     */
    public static QuantizationResult quantize(Path in, Path out, QuantizationRequest request,
            QuantizationProgress progress, Cluster cluster) throws IOException {
        return quantize(in, out, request, progress, Optional.of(cluster));
    }

    private static QuantizationResult quantize(Path in, Path out, QuantizationRequest request,
            QuantizationProgress progress, Optional<Cluster> cluster) throws IOException {
        try (Checkpoint checkpoint = Checkpoint.open(in)) {
            requireUnquantized(checkpoint.path(), checkpoint);
            Path source = checkpoint.path().toRealPath();
            return new CheckpointQuantizer(source, PartialOutput.requireFree(source, out), request, progress,
                    checkpoint, cluster).run();
        }
    }

    private static void requireUnquantized(Path in, Checkpoint checkpoint) {
        Path config = in.resolve(Checkpoint.CONFIG_FILE_NAME);
        if (!Files.exists(config)) {
            throw new CheckpointException(in.toString(), "no " + Checkpoint.CONFIG_FILE_NAME,
                    "the folder of a checkpoint with its config");
        }
        if (Dialects.read(checkpoint).config().quantization().isPresent()) {
            throw new CheckpointException(config, "quantization_config", "a checkpoint that is quantized already",
                    "none");
        }
    }

    private QuantizationResult run() throws IOException {
        OtherFiles others = OtherFiles.of(in, filesWrittenAnew());
        DiskSpace.require(out, bytesToWrite(others, PartialOutput.journalOf(out)));
        try (PartialOutput partial = PartialOutput.open(out, settings())) {
            plan.warnings().forEach(progress::warn);
            try (FinishedLayers finished = FinishedLayers.in(partial.calibration())) {
                calibrate(partial, finished);
                QuantizationResult result = write(partial, finished, others);
                others.copy(in, partial.checkpoint());
                writeIndexAndConfig(partial.checkpoint());
                partial.commit();
                return result;
            }
        }
    }

    /** What is refused before the first layer is finished leaves nothing. */
    private void calibrate(PartialOutput partial, FinishedLayers finished) throws IOException {
        if (request.calibrator().isEmpty()) {
            return;
        }
        Files.createDirectories(finished.folder());
        try (Cluster here = new ThisMachine()) {
            PlannedInput input = new PlannedInput(checkpoint, plan, request.observer(), request.calibration(),
                    PlannedInput.Folders.of(partial));
            request.calibrator().get().run(
                    new CalibrationWork(input, place(partial), finished, cluster.orElse(here), samples, weights,
                            progress));
        } catch (CheckpointException | QuantizeException e) {
            if (finished.count() == 0) {
                partial.discard();
            }
            throw e;
        }
    }

    /** Weights that cannot be quantized will not be the next time: what was finished before them is of no use. */
    private QuantizationResult write(PartialOutput partial, FinishedLayers finished, OtherFiles others)
            throws IOException {
        try {
            return cluster.isPresent()
                    ? writeWith(cluster.get(), partial, finished, others)
                    : writeHere(partial, finished, others);
        } catch (CheckpointException e) {
            partial.discard();
            throw e;
        }
    }

    private QuantizationResult writeHere(PartialOutput partial, FinishedLayers finished, OtherFiles others)
            throws IOException {
        progress.begin(toQuantize(plan.layers(), partial.journal()).mapToLong(plan::inputBytes).sum());
        try (Parts parts = new Parts(partial.parts())) {
            ShardWriter writer = new ShardWriter(plan.input(),
                    new LayerQuantizer(plan.input(), request.observer(), activationScales), finished,
                    partial.journal(), parts, progress);
            for (QuantizationPlan.Shard shard : plan.shards()) {
                writer.write(shard, partial.checkpoint().resolve(shard.name()));
            }
            return result(writer.errors(), writer.layersKept(), others, List.of(), List.of());
        }
    }

    private QuantizationResult writeWith(Cluster processes, PartialOutput partial, FinishedLayers finished,
            OtherFiles others) throws IOException {
        ClusterQuantization quantization = new ClusterQuantization(processes, plan, partial, finished, weights,
                progress);
        List<PlannedLayer> missing = plan.layers().filter(layer -> !quantization.isFinished(layer)).toList();
        long uncalibrated = plan.layers().filter(layer -> finished.error(layer.name()).isEmpty()).count();
        progress.begin(missing.stream().mapToLong(plan::inputBytes).sum());
        quantization.run(place(partial));
        return result(quantization.errors(), Math.toIntExact(uncalibrated - missing.size()), others, samples.rates(),
                weights.rates());
    }

    private PlannedInputPlace place(PartialOutput partial) throws IOException {
        List<Path> files = new ArrayList<>(checkpoint.files().stream().map(SafetensorsFile::path)
                .map(Path::toAbsolutePath).map(Path::normalize).toList());
        files.add(in.resolve(Checkpoint.CONFIG_FILE_NAME));
        Optional<Path> recorded = request.calibration().map(file -> file.toAbsolutePath().normalize());
        recorded.ifPresent(files::add);
        return new PlannedInputPlace(in.toString(), plan.config().toJson().toString(),
                new ArrayList<>(request.calibrator().map(Calibrator::cachedAttentions).orElse(List.of())),
                request.observer(), recorded.map(Path::toString).orElse(null), partial.parts().toString(),
                partial.shards().toString(), partial.calibration().toString(),
                SharedFiles.of(partial.folder(), files));
    }

    private long bytesOf(String tensor) {
        return plan.input().info(tensor).byteSize();
    }

    private Set<String> filesWrittenAnew() {
        Set<String> names = new HashSet<>(Set.of(Checkpoint.CONFIG_FILE_NAME, Checkpoint.INDEX_FILE_NAME));
        plan.shards().forEach(shard -> names.add(shard.name()));
        return names;
    }

    /** All that the bytes of the output depend on. */
    private ObjectNode settings() throws IOException {
        ObjectNode settings = JsonNodeFactory.instance.objectNode();
        settings.put("algorithm", ALGORITHM);
        ArrayNode input = settings.putArray("input");
        for (SafetensorsFile file : checkpoint.files()) {
            input.add(identity(file.path()));
        }
        settings.set("quantization_config", plan.config().toJson());
        settings.put("calibration", request.calibration().isPresent() ? identity(request.calibration().get()) : "");
        if (request.calibrator().isPresent()) {
            settings.set("calibrator", request.calibrator().get().settings());
        }
        return settings;
    }

    private static String identity(Path file) throws IOException {
        return file.toRealPath() + ", " + SharedFiles.identity(file);
    }

    /** With processes of a cluster, layers are written twice: into parts, and from there into the files. */
    private long bytesToWrite(OtherFiles others, Journal journal) throws IOException {
        long bytes = others.byteSize(in);
        for (QuantizationPlan.Shard shard : plan.shards()) {
            bytes += cluster.isPresent()
                    ? shard.layout().dataSize()
                    : shard.copied().stream().filter(name -> journal.entry(name).isEmpty()).mapToLong(this::bytesOf)
                            .sum();
            bytes += toQuantize(shard.layers().stream(), journal)
                    .flatMap(layer -> layer.tensors().values().stream())
                    .mapToLong(WeightScheme.Stored::byteSize).sum();
        }
        return bytes;
    }

    private static Stream<PlannedLayer> toQuantize(Stream<PlannedLayer> layers, Journal journal) {
        return layers.filter(layer -> journal.entry(layer.weight()).isEmpty());
    }

    private void writeIndexAndConfig(Path folder) throws IOException {
        Map<String, String> shardOfTensor = new LinkedHashMap<>();
        plan.shards().forEach(
                shard -> shard.layout().names().forEach(tensor -> shardOfTensor.put(tensor, shard.name())));
        DescribingFiles.write(in, folder, shardOfTensor, outputBytes(), plan.config());
    }

    private long outputBytes() {
        return plan.shards().stream().mapToLong(shard -> shard.layout().dataSize()).sum();
    }

    private QuantizationResult result(List<LayerError> errors, int layersKept, OtherFiles others,
            List<WorkerRate> calibrators, List<WorkerRate> workers) {
        long inputBytes = checkpoint.infos().values().stream().mapToLong(TensorInfo::byteSize).sum();
        return new QuantizationResult(out, plan.config(), errors, inputBytes, outputBytes(), layersKept,
                others.leftOut(), plan.warnings(), calibrators, workers);
    }
}
