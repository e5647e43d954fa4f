package org.quantado.schemes.quantize;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.quantado.schemes.checkpoint.Checkpoint;
import org.quantado.schemes.checkpoint.CheckpointException;
import org.quantado.schemes.checkpoint.JsonFile;
import org.quantado.schemes.checkpoint.SafetensorsFile;
import org.quantado.schemes.checkpoint.SafetensorsWriter;
import org.quantado.schemes.checkpoint.TensorInfo;
import org.quantado.schemes.config.ModelConfig;
import org.quantado.schemes.config.PythonJson;

/**
 * Quantizes a checkpoint folder into another one, as compressed-tensors would: the same files, in which the weights of
 * the layers that were asked for are quantized, and all other tensors are the same to the byte.
 * <p>
 * The output appears complete or not at all. What an interrupted attempt has finished is kept in a folder beside it,
 * {@code OUT.partial}; the next attempt with the same settings goes on from there and gives the same bytes. The input
 * is only read.
 *
 * <pre>{@code
 * CheckpointQuantizer.quantize(in, out, QuantizationRequest.of(Preset.named("W4A16")), QuantizationProgress.NONE);
 * }</pre>
 */
public final class CheckpointQuantizer {
    /** Raised whenever the same settings would give other bytes, so that an attempt begun before is not gone on with. */
    private static final int ALGORITHM = 1;

    private final Path in;
    private final Path out;
    private final QuantizationRequest request;
    private final QuantizationProgress progress;
    private final Checkpoint checkpoint;
    private final QuantizationPlan plan;
    private final Map<String, MemorySegment> activationScales;
    private final Map<String, Float> magnitudes = new HashMap<>();

    private CheckpointQuantizer(Path in, Path out, QuantizationRequest request, QuantizationProgress progress,
            Checkpoint checkpoint) {
        this.in = in;
        this.out = out;
        this.request = request;
        this.progress = progress;
        this.checkpoint = checkpoint;
        this.plan = QuantizationPlan.of(checkpoint, request);
        this.activationScales = request.calibration().map(file -> Calibration.scales(file, calibratedLayers()))
                .orElse(Map.of());
    }

    private List<PlannedLayer> calibratedLayers() {
        return plan.shards().stream().flatMap(shard -> shard.layers().stream())
                .filter(layer -> Calibration.isNeededFor(layer.group())).toList();
    }

    /**
     * Quantizes.
     *
     * @param in a folder with a {@code config.json} and safetensors of bf16, f16 or f32
     * @param out the folder to write, which does not exist, in one that does
     * @throws QuantizeException if it cannot be done as asked
     * @throws CheckpointException if something is wrong with the input
     * @throws IOException if the disk refuses, for example because it is full; what was finished is kept
     */
    public static QuantizationResult quantize(Path in, Path out, QuantizationRequest request,
            QuantizationProgress progress) throws IOException {
        requireUnquantized(in);
        Path target = requireFree(in, out);
        try (Checkpoint checkpoint = Checkpoint.open(in)) {
            return new CheckpointQuantizer(in, target, request, progress, checkpoint).run();
        }
    }

    private static void requireUnquantized(Path in) {
        Path config = in.resolve(Checkpoint.CONFIG_FILE_NAME);
        if (!Files.exists(config)) {
            throw new CheckpointException(in.toString(), "no " + Checkpoint.CONFIG_FILE_NAME,
                    "the folder of a checkpoint with its config");
        }
        if (ModelConfig.read(config).quantization().isPresent()) {
            throw new CheckpointException(config, "quantization_config", "a checkpoint that is quantized already",
                    "none");
        }
    }

    /** The real path of the output, which touches neither the input nor anything that exists. */
    private static Path requireFree(Path in, Path out) throws IOException {
        Path parent = out.toAbsolutePath().normalize().getParent();
        if (parent == null || !Files.isDirectory(parent)) {
            throw new QuantizeException(out + ": found no folder to create it in, expected one");
        }
        Path target = parent.toRealPath().resolve(out.toAbsolutePath().normalize().getFileName());
        Path source = in.toRealPath();
        Path partial = PartialOutput.folderOf(target);
        if (target.startsWith(source) || partial.startsWith(source) || source.startsWith(partial)) {
            throw new QuantizeException(out + ": found the input or a folder in it, expected a folder outside of "
                    + in);
        }
        if (Files.exists(target, LinkOption.NOFOLLOW_LINKS)) {
            throw new QuantizeException(out + ": it exists and is not overwritten");
        }
        return target;
    }

    private QuantizationResult run() throws IOException {
        OtherFiles others = OtherFiles.of(in, filesWrittenAnew());
        try (PartialOutput partial = PartialOutput.open(out, settings())) {
            Map<String, List<LayerError>> errors = new LinkedHashMap<>();
            for (QuantizationPlan.Shard shard : plan.shards()) {
                partial.finished(shard.name()).ifPresent(found -> errors.put(shard.name(), found));
            }
            int doneBefore = errors.size();
            requireRoom(others, errors.keySet());
            progress.begin(plan.shards().stream().mapToLong(this::inputBytes).sum());
            for (QuantizationPlan.Shard shard : plan.shards()) {
                if (errors.containsKey(shard.name())) {
                    progress.advance(shard.name(), inputBytes(shard));
                } else {
                    partial.clear(shard.name());
                    errors.put(shard.name(), write(shard, partial.checkpoint().resolve(shard.name())));
                    partial.finish(shard.name(), errors.get(shard.name()));
                }
            }
            others.copy(in, partial.checkpoint());
            writeIndexAndConfig(partial.checkpoint());
            partial.commit();
            return result(errors, doneBefore, others);
        }
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
        return settings;
    }

    private static String identity(Path file) throws IOException {
        return file.toRealPath() + ", " + Files.size(file) + " bytes of " + Files.getLastModifiedTime(file);
    }

    private void requireRoom(OtherFiles others, Set<String> finished) throws IOException {
        long needed = 0;
        for (QuantizationPlan.Shard shard : plan.shards()) {
            needed += finished.contains(shard.name()) ? 0 : shard.layout().dataSize();
        }
        for (Path file : others.copied()) {
            needed += Files.size(in.resolve(file));
        }
        long room = Files.getFileStore(out.getParent()).getUsableSpace();
        if (room < needed) {
            throw new IOException(out + ": found " + room + " bytes free on the disk, expected " + needed);
        }
    }

    private long inputBytes(QuantizationPlan.Shard shard) {
        return Stream.concat(shard.copied().stream(), shard.layers().stream().map(PlannedLayer::weight))
                .mapToLong(this::inputBytes).sum();
    }

    private long inputBytes(String tensor) {
        return plan.input().info(tensor).byteSize();
    }

    private List<LayerError> write(QuantizationPlan.Shard shard, Path file) throws IOException {
        List<LayerError> errors = new ArrayList<>();
        try (SafetensorsWriter writer = SafetensorsWriter.create(file, shard.layout())) {
            for (String name : shard.copied()) {
                try (Arena arena = Arena.ofShared()) {
                    writer.write(name, plan.input().tensor(name, arena).data());
                }
                progress.advance(name, inputBytes(name));
            }
            for (PlannedLayer layer : shard.layers()) {
                errors.add(write(layer, writer));
                progress.advance(layer.weight(), inputBytes(layer.weight()));
            }
            writer.commit();
        }
        return errors;
    }

    private LayerError write(PlannedLayer layer, SafetensorsWriter writer) throws IOException {
        try (Arena arena = Arena.ofShared()) {
            QuantizedWeight quantized = new WeightQuantizer(layer, plan.input().tensor(layer.weight(), arena),
                    amax(layer), request.observer()).quantize(arena);
            for (Map.Entry<String, MemorySegment> tensor : quantized.tensors().entrySet()) {
                writer.write(layer.tensor(tensor.getKey()), tensor.getValue());
            }
            for (String part : Calibration.tensors(layer.group(), layer.dtype()).keySet()) {
                writer.write(layer.tensor(part), activationScales.get(layer.tensor(part)));
            }
            return quantized.error();
        }
    }

    /** The largest magnitude of all weights that share a global scale; of no use to other schemes. */
    private float amax(PlannedLayer layer) {
        float amax = 0;
        if (layer.scheme().hasGlobalScale()) {
            for (String name : layer.together()) {
                amax = Math.max(amax, magnitudes.computeIfAbsent(name, this::amax));
            }
        }
        return amax;
    }

    private float amax(String layer) {
        try (Arena arena = Arena.ofShared()) {
            return ScaleSearch.amax(new WeightRows(plan.input().tensor(PlannedLayer.weightOf(layer), arena)));
        }
    }

    private void writeIndexAndConfig(Path folder) throws IOException {
        if (Files.exists(in.resolve(Checkpoint.INDEX_FILE_NAME))) {
            ObjectNode index = JsonNodeFactory.instance.objectNode();
            index.putObject("metadata").put("total_size", outputBytes());
            ObjectNode weightMap = index.putObject("weight_map");
            plan.shards().forEach(
                    shard -> shard.layout().names().forEach(tensor -> weightMap.put(tensor, shard.name())));
            Files.writeString(folder.resolve(Checkpoint.INDEX_FILE_NAME), PythonJson.text(index) + "\n");
        }
        Files.writeString(folder.resolve(Checkpoint.CONFIG_FILE_NAME), ModelConfig
                .text(JsonFile.readObject(in.resolve(Checkpoint.CONFIG_FILE_NAME)), plan.config()));
    }

    private long outputBytes() {
        return plan.shards().stream().mapToLong(shard -> shard.layout().dataSize()).sum();
    }

    private QuantizationResult result(Map<String, List<LayerError>> errors, int doneBefore, OtherFiles others) {
        List<LayerError> layers = plan.shards().stream().flatMap(shard -> errors.get(shard.name()).stream())
                .toList();
        long inputBytes = checkpoint.infos().values().stream().mapToLong(TensorInfo::byteSize).sum();
        return new QuantizationResult(out, plan.config(), layers, inputBytes, outputBytes(), doneBefore,
                others.leftOut().stream().map(Path::toString).toList(), plan.warnings());
    }
}
