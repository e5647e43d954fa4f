package org.quantado.schemes.select;

import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Collectors;
import org.quantado.schemes.config.CompressionFormat;
import org.quantado.schemes.config.ConfigGroup;
import org.quantado.schemes.config.QuantizationArgs;
import org.quantado.schemes.config.QuantizationConfig;
import org.quantado.schemes.config.QuantizationStrategy;
import org.quantado.schemes.config.QuantizationType;
import org.quantado.schemes.config.Target;
import org.quantado.schemes.config.Transform;
import org.quantado.schemes.select.Selection.Selected;
import org.quantado.schemes.select.Selection.Unquantized;
import org.quantado.schemes.select.Selection.Unsupported;

/**
 * Chooses the scheme of each layer as vLLM does for compressed-tensors checkpoints.
 * <p>
 * A layer on the ignore list is left alone, whichever of its names the list has. Else the first target that points at it is taken: by its name, by the
 * names of all parts of a fused layer, by its class. The group of that target and a format, its own or the
 * config's, decide the scheme. Selectors are immutable.
 */
public final class SchemeSelector {
    private static final Set<Integer> WNA8O8_BITS = Set.of(2, 4, 8);
    private static final int LEAST_PACKED_BITS = 2;
    private static final int MOST_PACKED_BITS = 8;
    /** Widths for which vLLM's kernels take packed weights with zero points. */
    private static final Set<Integer> ASYMMETRIC_BITS = Set.of(4, 8);
    private static final int W4A8_FP8_GROUP = 128;
    private static final String VALUE_ERROR = "ValueError";
    private static final String ATTENTION_CLASS = "Attention";

    private final QuantizationConfig config;
    private final FusedModules fused;
    private final OptionalInt capability;
    private final Decisions decisions;
    private final Map<Target, ConfigGroup> groupOfTarget = new LinkedHashMap<>();
    private final NamedTargets ignored;
    private final NamedTargets targets;
    private final List<SchemeRule> rules;

    /**
     * @param config what the checkpoint says
     * @param fused layers that run as one
     * @param capability compute capability of the CUDA device, 10 times major plus minor; without one, no scheme is
     *            refused for want of it
     * @param decisions whose decisions are followed
     */
    public SchemeSelector(QuantizationConfig config, FusedModules fused, OptionalInt capability, Decisions decisions) {
        this.config = config;
        this.fused = fused;
        this.capability = capability;
        this.decisions = decisions;
        this.rules = SchemeRule.inOrder(decisions);
        for (ConfigGroup group : config.groups()) {
            if (!isForAttentionOnly(group)) {
                group.targets().forEach(target -> groupOfTarget.put(target, group));
            }
        }
        this.ignored = new NamedTargets(config.ignore());
        this.targets = new NamedTargets(groupOfTarget.keySet());
    }

    /** A selector for any device, and fused layers as in Llama. */
    public static SchemeSelector of(QuantizationConfig config) {
        return of(config, FusedModules.LLAMA);
    }

    /** A selector for any device. */
    public static SchemeSelector of(QuantizationConfig config, FusedModules fused) {
        return new SchemeSelector(config, fused, OptionalInt.empty(), Decisions.EVERY_DEVICE);
    }

    /** Quantized attention belongs to the cache of keys and values, not to layers. */
    private static boolean isForAttentionOnly(ConfigGroup group) {
        return group.targets().size() == 1 && group.targets().getFirst().text().endsWith(ATTENTION_CLASS);
    }

    /** Chooses for a layer of a kind; only linear layers, heads and embeddings are ever quantized. */
    public Selection select(String layerName, LayerClass layerClass) {
        return switch (layerClass) {
            case NORM, OTHER -> new Unquantized(layerClass.className() + " layers are not quantized");
            default -> select(layerName, layerClass.className());
        };
    }

    /**
     * Chooses for a layer.
     *
     * @param layerName full name in the model, such as {@code model.layers.0.self_attn.qkv_proj}
     * @param className name of its class, such as {@code QKVParallelLinear} or {@code Linear}
     */
    public Selection select(String layerName, String className) {
        Optional<List<String>> parts = config.ignore().stream()
                .anyMatch(target -> target.text().equals(layerName))
                        ? Optional.empty()
                        : fused.partsOf(layerName);
        Optional<Transform> transform = config.transforms().stream()
                .filter(some -> isFor(some, layerName, className)).findFirst();
        if (transform.isPresent()) {
            return new Unsupported("transform " + transform.get().name() + " of transform_config is applied to its "
                    + transform.get().location() + ", which nothing here does", "NotImplementedError", "");
        }
        List<String> names = parts.orElse(List.of(layerName));
        List<Optional<Target>> ignoredBy = names.stream().map(ignored::find).toList();
        if (ignoredBy.stream().anyMatch(target -> target.isPresent() != ignoredBy.getFirst().isPresent())) {
            return mixedParts(layerName, names);
        }
        if (ignoredBy.getFirst().isPresent()) {
            return new Unquantized("it is on the ignore list as " + ignoredBy.getFirst().get().text());
        }
        return targetOf(layerName, className).map(groupOfTarget::get)
                .map(group -> select(layerName, className, group))
                .orElseGet(
                        () -> new Unquantized("no config group points at it or at " + className + " layers"));
    }

    /**
     * The group that a layer belongs to, whether or not a scheme runs it; empty for a layer that is ignored or that
     * no group points at.
     */
    public Optional<ConfigGroup> groupOf(String layerName, String className) {
        return fused.partsOf(layerName).orElse(List.of(layerName)).stream()
                .anyMatch(name -> ignored.find(name).isPresent())
                        ? Optional.empty()
                        : targetOf(layerName, className).map(groupOfTarget::get);
    }

    private boolean isFor(Transform transform, String layerName, String className) {
        return fused.partsOf(layerName).orElse(List.of(layerName)).stream()
                .anyMatch(name -> isAmong(transform.targets(), name, className)
                        && !isAmong(transform.ignore(), name, className));
    }

    private static boolean isAmong(List<Target> targets, String name, String className) {
        return new NamedTargets(targets).find(name).isPresent()
                || targets.stream().anyMatch(target -> target.matchesClass(className));
    }

    private Unsupported mixedParts(String layerName, List<String> names) {
        List<String> ignoredParts = names.stream().filter(name -> ignored.find(name).isPresent()).toList();
        String parts = names.stream().map(name -> "'" + name.substring(name.lastIndexOf('.') + 1) + "'")
                .collect(Collectors.joining(", ", "[", "]"));
        return new Unsupported("the ignore list has only the parts " + String.join(", ", ignoredParts)
                + " of a layer that runs as one", VALUE_ERROR,
                "Found a different quantization schemes for " + parts
                        + " in " + layerName + ". vLLM requires all to use the same scheme.");
    }

    private Optional<Target> targetOf(String layerName, String className) {
        Optional<Target> byName = targets.find(layerName);
        if (byName.isPresent()) {
            return byName;
        }
        Optional<Target> byClass = groupOfTarget.keySet().stream()
                .filter(target -> target.matchesClass(className))
                .findFirst();
        Optional<Target> byParts = targetOfParts(layerName);
        return decisions != Decisions.VLLM_SEED ? byParts.or(() -> byClass) : byClass.or(() -> byParts);
    }

    /** All parts must have a target; that of the first counts. */
    private Optional<Target> targetOfParts(String layerName) {
        return fused.partsOfSuffix(layerName)
                .map(names -> names.stream().map(targets::find).toList())
                .filter(found -> found.stream().allMatch(Optional::isPresent))
                .flatMap(List::getFirst);
    }

    private Selection select(String layerName, String className, ConfigGroup group) {
        if (group.weights().isEmpty()) {
            return new Unsupported("config group " + group.name() + " has no weights", "ValidationError",
                    "Input should be a valid dictionary or instance of QuantizationArgs");
        }
        LayerParts parts = LayerParts.of(group, group.weights().get(), config.format(), capability, decisions);
        if (className.equals(LayerClass.EMBEDDING.className())) {
            return selectForEmbedding(group, parts);
        }
        Selection selection = selectForLinear(layerName, group, parts);
        if (className.equals(LayerClass.LM_HEAD.className()) && selection instanceof Unsupported unsupported
                && unsupported.peerError().equals(VALUE_ERROR)) {
            return new Unquantized(unsupported.explanation());
        }
        return selection;
    }

    private static Selection selectForEmbedding(ConfigGroup group, LayerParts parts) {
        QuantizationArgs weights = parts.weights();
        boolean isPackedInt = weights.type() == QuantizationType.INT && !weights.dynamic().isDynamic()
                && (weights.strategy() == QuantizationStrategy.CHANNEL
                        || weights.strategy() == QuantizationStrategy.GROUP);
        return isPackedInt
                ? selected(SchemeName.EMBEDDING_WNA16_INT, group, parts)
                : new Unsupported(
                        "config group " + group.name() + " does not quantize an embedding to integers per"
                                + " group or channel",
                        VALUE_ERROR, "compressed-tensors embeddings only support weight-only"
                                + " INT group/channel (WNA16) quantization, got: " + weights);
    }

    private Selection selectForLinear(String layerName, ConfigGroup group, LayerParts parts) {
        if (SchemeRule.isPlain(parts.format()) && parts.input().isEmpty()
                && parts.weights().type() == QuantizationType.INT) {
            return new Unsupported("config group " + group.name() + " has integer weights in format "
                    + parts.format().map(CompressionFormat::jsonName).orElse("none")
                    + ", which needs quantized inputs", "AssertionError", "");
        }
        return rules.stream().filter(rule -> rule.matches(parts)).findFirst()
                .map(rule -> refusal(rule.scheme(), group, parts).map(Selection.class::cast)
                        .orElseGet(() -> selected(rule.scheme(), group, parts)))
                .orElseGet(() -> noScheme(layerName, group, parts));
    }

    private static Selected selected(SchemeName scheme, ConfigGroup group, LayerParts parts) {
        return new Selected(scheme, group.name(), parts.weights(), parts.input(), parts.output(),
                parts.format());
    }

    /** What the chosen scheme has against it, if anything. */
    private Optional<Unsupported> refusal(SchemeName scheme, ConfigGroup group, LayerParts parts) {
        int bits = parts.weights().numBits();
        Optional<Unsupported> refusal = switch (scheme) {
            case W4A4_NVFP4 -> unless(parts.input().isEmpty() || parts.input(SchemeRule::isNvfp4), group,
                    "has NVFP4 weights and other inputs",
                    "For NVFP4 weights, input quantization must also be NVFP4"
                            + " format, None for NVFP4A16");
            case W4A8_FP8 -> unless(parts.weights().groupSize().orElse(0) == W4A8_FP8_GROUP, group,
                    "has groups of " + parts.weights().groupSize().orElse(0) + ", not 128",
                    "W4A8 kernels require group quantization with group size 128");
            case WNA8O8_INT -> unless(WNA8O8_BITS.contains(bits), group, "has weights of " + bits + " bits",
                    "Unsupported num_bits = " + bits + " for WNA8O8Int; supported = [2, 4, 8]");
            case WNA8_INT, WNA4_INT -> packedBits(group, parts, "Unsupported num_bits = " + bits + " for "
                    + (scheme == SchemeName.WNA8_INT ? "WNA8Int" : "WNA4Int")
                    + "; supported = [2, 3, 4, 5, 6, 7, 8]");
            case WNA16 -> packedBits(group, parts, "Unsupported num_bits = " + bits
                    + ". Supported num_bits = [2, 3, 4, 5, 6, 7, 8]");
            default -> Optional.empty();
        };
        return refusal.or(() -> capabilityRefusal(scheme, group));
    }

    private static Optional<Unsupported> packedBits(ConfigGroup group, LayerParts parts, String message) {
        int bits = parts.weights().numBits();
        return unless(bits >= LEAST_PACKED_BITS && bits <= MOST_PACKED_BITS, group,
                "has weights of " + bits + " bits", message)
                .or(() -> unless(parts.weights().symmetric() || ASYMMETRIC_BITS.contains(bits)
                        || parts.decisions() == Decisions.EVERY_DEVICE, group,
                        "has asymmetric weights of " + bits + " bits",
                        "Asymmetric quantization not supported for num_bits = " + bits
                                + ". Supported: [4, 8]"));
    }

    private static Optional<Unsupported> unless(boolean holds, ConfigGroup group, String what,
            String message) {
        return holds
                ? Optional.empty()
                : Optional.of(
                        new Unsupported("config group " + group.name() + " " + what, VALUE_ERROR, message));
    }

    private Optional<Unsupported> capabilityRefusal(SchemeName scheme, ConfigGroup group) {
        if (capability.isEmpty() || capability.getAsInt() >= scheme.minCapability()) {
            return Optional.empty();
        }
        return Optional.of(new Unsupported("config group " + group.name() + " needs " + scheme.peerClass()
                + ", which needs compute capability " + scheme.minCapability() + ", and the device has "
                + capability.getAsInt(), "RuntimeError",
                "Quantization scheme is not supported for the current GPU."
                        + " Min capability: " + scheme.minCapability() + ". Current capability: "
                        + capability.getAsInt() + "."));
    }

    /** Names the scheme that lacks least, and what it lacks. */
    private Unsupported noScheme(String layerName, ConfigGroup group, LayerParts parts) {
        SchemeRule nearest = rules.stream().min(Comparator.comparingInt(rule -> rule.unmet(parts).size()))
                .orElseThrow();
        return new Unsupported("config group " + group.name() + " fits no scheme; the nearest, "
                + nearest.scheme().peerClass() + ", needs " + String.join(" and ", nearest.unmet(parts)),
                "NotImplementedError", "No compressed-tensors compatible scheme was found for layer_name='"
                        + layerName + "', weight_quant=" + parts.weights() + ", input_quant="
                        + parts.input().map(QuantizationArgs::toString).orElse("None") + ", output_quant="
                        + parts.output().map(QuantizationArgs::toString).orElse("None") + ", format="
                        + parts.format().map(format -> "'" + format.jsonName() + "'").orElse("None"));
    }
}
