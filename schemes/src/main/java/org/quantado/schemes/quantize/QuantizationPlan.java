package org.quantado.schemes.quantize;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.quantado.kernels.codec.ModelDtype;
import org.quantado.schemes.checkpoint.Checkpoint;
import org.quantado.schemes.checkpoint.CheckpointException;
import org.quantado.schemes.checkpoint.DType;
import org.quantado.schemes.checkpoint.SafetensorsFile;
import org.quantado.schemes.checkpoint.SafetensorsLayout;
import org.quantado.schemes.checkpoint.Shape;
import org.quantado.schemes.checkpoint.TensorInfo;
import org.quantado.schemes.config.CompressionFormat;
import org.quantado.schemes.config.ConfigGroup;
import org.quantado.schemes.config.QuantizationArgs;
import org.quantado.schemes.config.QuantizationConfig;
import org.quantado.schemes.config.QuantizationStatus;
import org.quantado.schemes.config.Target;
import org.quantado.schemes.select.CheckpointLayer;
import org.quantado.schemes.select.Decisions;
import org.quantado.schemes.select.FusedModules;
import org.quantado.schemes.select.LayerClass;
import org.quantado.schemes.select.SchemeSelector;
import org.quantado.schemes.select.Selection;

/**
 * What becomes of every tensor of a checkpoint, before any is read.
 * <p>
 * A layer belongs to the group that {@link SchemeSelector} will find for it in the config that is written, so that what
 * is written is what will be read.
 *
 * @param input the tensors that the layers and copies are made of
 * @param config what the written checkpoint says of itself
 * @param shards the files to write, in the order of the input's
 * @param warnings sentences about layers that no scheme runs, here or in vLLM, and requests without effect
 */
record QuantizationPlan(LinearizedCheckpoint input, QuantizationConfig config, List<Shard> shards,
        List<String> warnings) {
    /** The release of compressed-tensors whose checkpoints these are. */
    static final String PEER_VERSION = "0.18.0";
    private static final String PYTORCH_NOTE = "format";
    private static final String EXPERTS = ".experts.";
    /** What lies right below experts, and is none of them. */
    private static final Pattern STACKED_EXPERTS = Pattern.compile("\\.experts\\.(?!\\d+\\.)");
    private static final Set<DType> FLOATS = EnumSet.of(DType.BF16, DType.F16, DType.F32);

    QuantizationPlan {
        shards = List.copyOf(shards);
        warnings = List.copyOf(warnings);
    }

    /**
     * A file to write.
     *
     * @param name of the file, that of the input
     * @param copied names of the tensors that stay as they are
     * @param added names of the tensors that are new: scales of cached keys and values
     * @param layers the layers that are quantized
     * @param layout what the file will hold
     */
    record Shard(String name, List<String> copied, List<String> added, List<PlannedLayer> layers,
            SafetensorsLayout layout) {
    }

    /**
     * Plans.
     *
     * @throws QuantizeException if it cannot be done as asked
     * @throws CheckpointException if a tensor cannot be quantized
     */
    static QuantizationPlan of(Checkpoint checkpoint, QuantizationRequest request) {
        LinearizedCheckpoint linearized = LinearizedCheckpoint.of(checkpoint);
        List<CheckpointLayer> layers = CheckpointLayer.of(linearized.infos());
        QuantizationConfig config = config(request, layers);
        Map<String, PlannedLayer> planned = plan(linearized, config, layers);
        requireWork(config, planned);
        requireSingleExperts(linearized, config);
        CacheScales cacheScales = new CacheScales(
                request.calibrator().map(Calibrator::cachedAttentions).orElse(List.of()));
        List<String> warnings = new ArrayList<>(
                new UnusedRequests(linearized, layers).warnings(request, config.groups(), planned.values()));
        warnings.addAll(warnings(config, layers, planned));
        return new QuantizationPlan(input(linearized, planned), config,
                shards(checkpoint, linearized, planned, cacheScales), warnings);
    }

    /**
     * The same plan as was made of a request, on another machine: from the config that came of it.
     *
     * @param attentions modules whose keys and values are to be cached as FP8
     */
    static QuantizationPlan of(Checkpoint checkpoint, QuantizationConfig config, List<String> attentions) {
        LinearizedCheckpoint linearized = LinearizedCheckpoint.of(checkpoint);
        Map<String, PlannedLayer> planned = plan(linearized, config, CheckpointLayer.of(linearized.infos()));
        return new QuantizationPlan(input(linearized, planned), config,
                shards(checkpoint, linearized, planned, new CacheScales(attentions)), List.of());
    }

    /** All layers that are quantized, in the order of the files. */
    Stream<PlannedLayer> layers() {
        return shards.stream().flatMap(shard -> shard.layers().stream());
    }

    /** Size of the weight of a layer before it is quantized. */
    long inputBytes(PlannedLayer layer) {
        return input.info(layer.weight()).byteSize();
    }

    private static LinearizedCheckpoint input(LinearizedCheckpoint linearized, Map<String, PlannedLayer> planned) {
        return linearized.where(
                block -> planned.keySet().stream().anyMatch(layer -> layer.startsWith(block + EXPERTS)));
    }

    private static List<Shard> shards(Checkpoint checkpoint, LinearizedCheckpoint linearized,
            Map<String, PlannedLayer> planned, CacheScales cacheScales) {
        LinearizedCheckpoint input = input(linearized, planned);
        return checkpoint.files().stream().map(file -> shard(input, file, planned, cacheScales)).toList();
    }

    private static void requireNoOrder(ConfigGroup group) {
        group.weights().flatMap(QuantizationArgs::actorder).ifPresent(order -> {
            throw new QuantizeException(group.name() + " has actorder " + order.jsonName()
                    + ": an order of columns takes a method that knows activations, such as GPTQ");
        });
    }

    private static QuantizationConfig config(QuantizationRequest request, List<CheckpointLayer> layers) {
        List<ConfigGroup> groups = new ArrayList<>();
        for (QuantizationRequest.Assignment assignment : request.assignments()) {
            ConfigGroup group = assignment.preset().group("group_" + groups.size(), assignment.targets());
            CompressionFormat format = WeightScheme.of(group).format();
            if (request.calibrator().isEmpty()) {
                requireNoOrder(group);
            }
            ActivationScales.requireSupported(group);
            boolean isCalibrated = request.calibration().isPresent() || request.calibrator().isPresent();
            if (ActivationScales.areNeededFor(group) && !isCalibrated) {
                throw new QuantizeException("preset " + assignment.preset().name()
                        + " has static scales of activations: it needs a text to run the model on, or a calibration"
                        + " file (safetensors) of recorded inputs with a tensor <layer>.x for each layer");
            }
            ConfigGroup observed = new ConfigGroup(group.name(), group.targets(),
                    group.weights().map(request.observer()::applyTo), group.inputActivations(),
                    group.outputActivations(), Optional.of(format));
            groups.add(request.calibrator().map(some -> some.applyTo(observed)).orElse(observed));
        }
        Optional<QuantizationArgs> cache = request.calibrator().map(Calibrator::cachedAttentions)
                .filter(attentions -> !attentions.isEmpty()).map(attentions -> CacheScales.SCHEME);
        QuantizationConfig config = config(groups, request.ignore(), cache);
        List<Target> ignore = new ArrayList<>(request.ignore());
        SchemeSelector selector = SchemeSelector.of(config);
        for (CheckpointLayer layer : layers) {
            boolean namedByNone = groups.stream().flatMap(group -> group.targets().stream())
                    .noneMatch(target -> target.matchesName(layer.name()));
            boolean isKept = layer.layerClass() == LayerClass.ROUTER
                    || request.kept().stream().anyMatch(target -> target.matchesName(layer.name()));
            if (isKept && namedByNone
                    && selector.groupOf(layer.name(), layer.layerClass().className()).isPresent()) {
                ignore.add(Target.of(layer.name()));
            }
        }
        return config(groups, ignore, cache);
    }

    private static QuantizationConfig config(List<ConfigGroup> groups, List<Target> ignore,
            Optional<QuantizationArgs> cache) {
        Set<CompressionFormat> formats = groups.stream().flatMap(group -> group.format().stream())
                .collect(Collectors.toCollection(LinkedHashSet::new));
        CompressionFormat format = formats.size() > 1
                ? CompressionFormat.MIXED_PRECISION
                : formats.stream().findFirst().orElse(CompressionFormat.DENSE);
        return new QuantizationConfig(groups, Optional.of(format), ignore, cache,
                QuantizationStatus.COMPRESSED, OptionalDouble.empty(), Optional.of(PEER_VERSION), List.of());
    }

    private static Map<String, PlannedLayer> plan(LinearizedCheckpoint input, QuantizationConfig config,
            List<CheckpointLayer> layers) {
        SchemeSelector selector = SchemeSelector.of(config);
        Map<String, ConfigGroup> groups = new LinkedHashMap<>();
        for (CheckpointLayer layer : layers) {
            if (layer.layerClass() != LayerClass.NORM && layer.layerClass() != LayerClass.OTHER) {
                selector.groupOf(layer.name(), layer.layerClass().className())
                        .ifPresent(group -> groups.put(layer.name(), group));
            }
        }
        Set<String> names = layers.stream().map(CheckpointLayer::name).collect(Collectors.toSet());
        Map<String, PlannedLayer> planned = new LinkedHashMap<>();
        for (CheckpointLayer layer : layers) {
            ConfigGroup group = groups.get(layer.name());
            if (group != null) {
                planned.put(layer.name(), plan(input, layer, group, together(layer.name(), names, groups)));
            }
        }
        return planned;
    }

    /** The layers that this one runs as one with; they must be quantized alike. */
    private static List<String> together(String layer, Set<String> names, Map<String, ConfigGroup> groups) {
        List<String> parts = FusedModules.COMMON.partsBeside(layer);
        if (!names.containsAll(parts)) {
            return List.of(layer);
        }
        for (String part : parts) {
            if (!groups.get(layer).equals(groups.get(part))) {
                throw new QuantizeException("layer " + layer + " belongs to " + groups.get(layer).name() + " and "
                        + part + " to " + (groups.containsKey(part) ? groups.get(part).name() : "none")
                        + ": they run as one layer, so both or none have to be quantized, and alike");
            }
        }
        return parts.isEmpty() ? List.of(layer) : parts;
    }

    private static PlannedLayer plan(LinearizedCheckpoint input, CheckpointLayer layer, ConfigGroup group,
            List<String> together) {
        layer.unusedIfUnquantized().ifPresent(tensor -> {
            throw input.error(tensor.name(), layer.isOfQuantized(CheckpointLayer.lastPart(tensor.name()))
                    ? "a layer that is quantized already"
                    : "a tensor that a quantized layer has no use for",
                    "a layer of plain floats, or its name on the ignore list");
        });
        TensorInfo weight = input.info(PlannedLayer.weightOf(layer.name()));
        if (!FLOATS.contains(weight.dtype())) {
            throw input.error(weight.name(), "dtype " + weight.dtype(), "dtype BF16 or F16 or F32");
        }
        Shape shape = weight.shape();
        if (shape.rank() != 2 || shape.elements() == 0
                || Math.max(shape.dimension(0), shape.dimension(1)) > Integer.MAX_VALUE) {
            throw input.error(weight.name(), "shape " + shape, "a matrix, or the layer on the ignore list");
        }
        int rows = (int) shape.dimension(0);
        int columns = (int) shape.dimension(1);
        WeightScheme scheme = WeightScheme.of(group);
        scheme.expectedColumns(columns).ifPresent(expected -> {
            throw input.error(weight.name(), columns + " columns", expected);
        });
        return new PlannedLayer(layer.name(), group, scheme, ModelDtype.valueOf(weight.dtype().name()), rows,
                columns, together);
    }

    private static void requireWork(QuantizationConfig config, Map<String, PlannedLayer> planned) {
        for (ConfigGroup group : config.groups()) {
            if (planned.values().stream().noneMatch(layer -> layer.group().equals(group))) {
                throw new QuantizeException(group.name() + " has no layer: none of the checkpoint matches "
                        + group.targets().stream().map(Target::text).collect(Collectors.joining(", "))
                        + ", or all that do are ignored or belong to an earlier group");
            }
        }
    }

    /** Experts that cannot be taken apart have layers that no group would find. */
    private static void requireSingleExperts(LinearizedCheckpoint input, QuantizationConfig config) {
        for (TensorInfo tensor : input.infos()) {
            boolean severalExperts = tensor.shape().rank() > 1 && STACKED_EXPERTS.matcher(tensor.name()).find();
            if (severalExperts
                    && config.ignore().stream().noneMatch(target -> target.matchesName(tensor.name()))) {
                throw input.error(tensor.name(), "the weights of several experts in one tensor",
                        "a tensor for each expert, or its name on the ignore list");
            }
        }
    }

    private static Shard shard(LinearizedCheckpoint input, SafetensorsFile file, Map<String, PlannedLayer> planned,
            CacheScales cacheScales) {
        List<String> added = new ArrayList<>();
        List<String> copied = new ArrayList<>();
        List<PlannedLayer> layers = new ArrayList<>();
        SafetensorsLayout layout = layoutLike(file);
        for (TensorInfo tensor : input.tensorsOf(file)) {
            PlannedLayer layer = planned.get(layerOfWeight(tensor.name()));
            if (layer != null) {
                layers.add(layer);
                layer.tensors().forEach((name, stored) -> layout.tensor(name, stored.dtype(), stored.shape()));
            } else {
                copied.add(tensor.name());
                layout.tensor(tensor.name(), tensor.dtype(), tensor.shape());
            }
            for (String scale : cacheScales.beside(tensor.name())) {
                added.add(scale);
                layout.tensor(scale, tensor.dtype(), CacheScales.SHAPE);
            }
        }
        return new Shard(file.path().getFileName().toString(), copied, added, layers, layout);
    }

    /** A layout without tensors, with the notes of a file. */
    static SafetensorsLayout layoutLike(SafetensorsFile file) {
        SafetensorsLayout layout = new SafetensorsLayout();
        file.metadata().forEach(layout::metadata);
        if (!file.metadata().containsKey(PYTORCH_NOTE)) {
            layout.metadata(PYTORCH_NOTE, "pt");
        }
        return layout;
    }

    private static String layerOfWeight(String tensor) {
        String suffix = PlannedLayer.weightOf("");
        return tensor.endsWith(suffix) ? tensor.substring(0, tensor.length() - suffix.length()) : "";
    }

    private static List<String> warnings(QuantizationConfig config, List<CheckpointLayer> layers,
            Map<String, PlannedLayer> planned) {
        return warnings(config, layers.stream().filter(layer -> planned.containsKey(layer.name())).toList());
    }

    /** Sentences about quantized layers that no scheme runs, here or in vLLM. */
    static List<String> warnings(QuantizationConfig config, List<CheckpointLayer> quantized) {
        SchemeSelector here = SchemeSelector.of(config);
        SchemeSelector peer = new SchemeSelector(config, FusedModules.LLAMA, OptionalInt.empty(), Decisions.VLLM_HEAD);
        Set<String> warnings = new LinkedHashSet<>();
        for (CheckpointLayer layer : quantized) {
            unsupported(here, layer).map(reason -> "no scheme runs such layers: " + reason)
                    .or(() -> unsupported(peer, layer)
                            .map(reason -> "vLLM has no scheme for such layers on every device: " + reason))
                    .ifPresent(warnings::add);
        }
        return List.copyOf(warnings);
    }

    private static Optional<String> unsupported(SchemeSelector selector, CheckpointLayer layer) {
        return selector.select(layer.name(), layer.layerClass()) instanceof Selection.Unsupported none
                ? Optional.of(none.explanation())
                : Optional.empty();
    }
}
