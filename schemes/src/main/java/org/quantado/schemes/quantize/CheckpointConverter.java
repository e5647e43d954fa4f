package org.quantado.schemes.quantize;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;

import org.quantado.schemes.checkpoint.Checkpoint;
import org.quantado.schemes.checkpoint.CheckpointException;
import org.quantado.schemes.checkpoint.DiskSpace;
import org.quantado.schemes.checkpoint.SafetensorsFile;
import org.quantado.schemes.checkpoint.SafetensorsLayout;
import org.quantado.schemes.checkpoint.SafetensorsWriter;
import org.quantado.schemes.checkpoint.Tensor;
import org.quantado.schemes.checkpoint.TensorInfo;
import org.quantado.schemes.config.CompressionFormat;
import org.quantado.schemes.config.ConfigGroup;
import org.quantado.schemes.config.QuantizationArgs;
import org.quantado.schemes.config.QuantizationConfig;
import org.quantado.schemes.config.QuantizationStatus;
import org.quantado.schemes.config.Target;
import org.quantado.schemes.config.TorchDType;
import org.quantado.schemes.model.Model;
import org.quantado.schemes.model.ModelLayer;
import org.quantado.schemes.select.LayerClass;
import org.quantado.schemes.select.SchemeSelector;
import org.quantado.schemes.select.Selection;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * Writes a checkpoint of another dialect as compressed-tensors would have: the same weights, code for code. What
 * compressed-tensors has no form for is refused, with what would be lost.
 * <p>
 * Every layer is checked before anything is written. The output appears complete or not at all; an interrupted attempt
 * leaves {@code OUT.partial}, and the next one begins anew there.
 */
public final class CheckpointConverter {
    private final Path in;
    private final Path out;
    private final Model model;
    private final QuantizationProgress progress;
    private final String quantMethod;
    private final QuantizationConfig config;
    private final ConvertedTensors tensors;

    private CheckpointConverter(Path in, Path out, Model model, QuantizationProgress progress) {
        this.in = in;
        this.out = out;
        this.model = model;
        this.progress = progress;
        this.quantMethod = model.config().quantMethod().orElse("");
        QuantizationConfig read = model.config().quantization()
                .filter(_ -> !quantMethod.equals(QuantizationConfig.QUANT_METHOD))
                .orElseThrow(() -> new CheckpointException(
                        model.checkpoint().configFile().orElse(model.checkpoint().path()).toString(),
                        quantMethod.isEmpty() ? "no quantization_config" : "a checkpoint of " + quantMethod,
                        "a quantized checkpoint of another dialect"));
        read.groups().forEach(this::requireForm);
        model.layers().forEach(ModelLayer::check);
        this.config = converted(read);
        this.tensors = new ConvertedTensors(model);
    }

    /**
     * Converts.
     *
     * @param in a folder with a {@code config.json} and safetensors of any dialect but compressed-tensors
     * @param out the folder to write, which does not exist, in one that does
     * @throws CheckpointException if something is wrong with the input, or would be lost
     * @throws org.quantado.schemes.linear.SchemeException if no scheme runs a layer of it
     * @throws QuantizeException if the output cannot be where it is asked for
     * @throws IOException if the disk refuses, for example because it is full
     */
    public static ConversionResult convert(Path in, Path out, QuantizationProgress progress) throws IOException {
        try (Model model = Model.open(in)) {
            Path source = in.toRealPath();
            return new CheckpointConverter(source, PartialOutput.requireFree(source, out), model, progress).run();
        }
    }

    private void requireForm(ConfigGroup group) {
        group.weights().map(QuantizationArgs::type).filter(type -> !type.isOfCompressedTensors()).ifPresent(type -> {
            throw new CheckpointException(model.checkpoint().path().toString(), type.jsonName() + " weights",
                    "weights that compressed-tensors has a form for: it would lose the table of " + type.jsonName());
        });
    }

    private QuantizationConfig converted(QuantizationConfig read) {
        CompressionFormat format = read.format().filter(some -> some != CompressionFormat.NVFP4_WITH_FACTORS)
                .orElse(CompressionFormat.NVFP4_PACK_QUANTIZED);
        List<ConfigGroup> groups = read.groups().stream().map(group -> new ConfigGroup(group.name(), group.targets(),
                group.weights(), group.inputActivations(), group.outputActivations(), Optional.of(format))).toList();
        return new QuantizationConfig(groups, Optional.of(format), ignored(read), read.kvCacheScheme(),
                QuantizationStatus.COMPRESSED, OptionalDouble.empty(), Optional.of(QuantizationPlan.PEER_VERSION),
                List.of());
    }

    /** The names of all layers that a group may be taken to point at, and that are not quantized. */
    private List<Target> ignored(QuantizationConfig read) {
        SchemeSelector all = SchemeSelector
                .of(QuantizationConfig.of(read.groups(), read.format().orElseThrow(), List.of(), Optional.empty()));
        return model.layers().stream().filter(layer -> layer.selection() instanceof Selection.Unquantized)
                .filter(layer -> layer.layerClass() == LayerClass.LM_HEAD
                        || all.groupOf(layer.name(), layer.layerClass().className()).isPresent())
                .filter(layer -> layer.layerClass() != LayerClass.NORM && layer.layerClass() != LayerClass.OTHER)
                .map(layer -> Target.of(layer.name())).toList();
    }

    private ConversionResult run() throws IOException {
        List<Shard> shards = new ArrayList<>();
        for (SafetensorsFile file : model.checkpoint().files()) {
            shards.add(shard(file));
        }
        Set<String> written = new HashSet<>(Set.of(Checkpoint.CONFIG_FILE_NAME, Checkpoint.INDEX_FILE_NAME));
        shards.forEach(shard -> written.add(shard.name));
        OtherFiles others = OtherFiles.of(in, written);
        long bytes = shards.stream().mapToLong(shard -> shard.layout.dataSize()).sum();
        DiskSpace.require(out, bytes + others.byteSize(in));
        List<String> warnings = warnings();
        warnings.forEach(progress::warn);
        progress.begin(bytes);
        try (PartialOutput partial = PartialOutput.open(out, settings())) {
            write(shards, partial);
            others.copy(in, partial.checkpoint());
            Map<String, String> shardOfTensor = new LinkedHashMap<>();
            shards.forEach(shard -> shard.tensors.forEach(tensor -> shardOfTensor.put(tensor.name(), shard.name)));
            DescribingFiles.write(in, partial.checkpoint(), shardOfTensor, bytes, config);
            partial.commit();
        }
        return new ConversionResult(out, quantMethod, (int) tensors.layers().count(),
                model.checkpoint().files().stream().flatMap(file -> file.tensors().stream())
                        .mapToLong(TensorInfo::byteSize).sum(),
                bytes, others.leftOut(), warnings);
    }

    /**
     * A file to write.
     *
     * @param name that of the input's
     */
    private record Shard(String name, List<Tensor> tensors, SafetensorsLayout layout) {
    }

    private Shard shard(SafetensorsFile file) {
        List<Tensor> written = new ArrayList<>();
        SafetensorsLayout layout = QuantizationPlan.layoutLike(file);
        for (String name : model.checkpoint().names()) {
            Tensor tensor = model.checkpoint().tensor(name);
            if (tensor.file().equals(file.path())) {
                tensors.of(tensor).ifPresent(written::add);
            }
        }
        written.forEach(tensor -> layout.tensor(tensor.name(), tensor.dtype(), tensor.shape()));
        return new Shard(file.path().getFileName().toString(), written, layout);
    }

    private void write(List<Shard> shards, PartialOutput partial) throws IOException {
        for (Shard shard : shards) {
            Path file = partial.checkpoint().resolve(shard.name);
            try (SafetensorsWriter writer = SafetensorsWriter.createOrReplace(file, shard.layout)) {
                for (Tensor tensor : shard.tensors) {
                    writer.write(tensor.name(), tensor.data());
                    progress.advance(tensor.name(), tensor.dtype().byteSize(tensor.elements()));
                }
                writer.commit();
            }
        }
    }

    /** That it is a conversion, so that a quantization which was begun there is not taken for one. */
    private ObjectNode settings() {
        return JsonNodeFactory.instance.objectNode().put("conversion", in.toString());
    }

    private List<String> warnings() {
        List<String> warnings = new ArrayList<>(QuantizationPlan.warnings(config, model.layers().stream()
                .filter(layer -> layer.selection() instanceof Selection.Selected)
                .flatMap(layer -> layer.modules().stream()).toList()));
        boolean powersOfTwo = config.groups().stream().flatMap(group -> group.inputActivations().stream())
                .anyMatch(input -> input.scaleDtype().equals(Optional.of(TorchDType.FLOAT8_E8M0FNU)));
        if (powersOfTwo) {
            warnings.add(
                    "inputs have scales that are powers of two (scale_dtype torch.float8_e8m0fnu); other programs may"
                            + " round them in another way than up");
        }
        if (tensors.inexact() > 0) {
            warnings.add(
                    tensors.inexact() + " scales of whole weights are divisors in compressed-tensors, none of which"
                            + " has their exact value: they are one step of float32 away");
        }
        return warnings;
    }
}
