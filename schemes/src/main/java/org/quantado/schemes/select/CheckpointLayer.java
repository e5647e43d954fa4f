package org.quantado.schemes.select;

import java.util.Collections;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.quantado.schemes.checkpoint.Checkpoint;
import org.quantado.schemes.checkpoint.DType;
import org.quantado.schemes.checkpoint.TensorInfo;

/**
 * A layer that can be told from the names of a checkpoint's tensors: all tensors whose names differ in the last
 * part only, where one of them is a weight, or only a quantized weight has it.
 *
 * @param name full name, such as {@code model.layers.0.mlp.down_proj}
 * @param layerClass what it seems to be, by its name and the rank of its weight
 * @param tensors what is stored of it, by the last part of the name, such as {@code weight_scale}
 */
public record CheckpointLayer(String name, LayerClass layerClass, Map<String, TensorInfo> tensors) {
    private static final String WEIGHT = "weight";
    private static final String BIAS = "bias";
    /** Names of the tensor that makes a layer: as it is, packed by compressed-tensors, packed by GPTQ and AWQ. */
    private static final List<String> WEIGHT_NAMES = List.of(WEIGHT, "weight_packed", "qweight");
    /** Names of tensors that a layer has only because it is quantized. */
    private static final Set<String> OF_QUANTIZED = Set.of("weight_packed", "weight_scale", "weight_scale_inv",
            "weight_shape", "weight_zero_point", "weight_g_idx", "weight_global_scale", "weight_scale_2", "input_scale",
            "input_zero_point", "input_global_scale", "output_scale", "output_zero_point", "qweight");
    private static final Set<DType> FLOATS = EnumSet.of(DType.BF16, DType.F16, DType.F32);
    private static final int RANK_OF_MATRIX = 2;
    private static final Set<String> HEAD_NAMES = Set.of("lm_head", "embed_out");
    private static final Set<String> ROUTER_NAMES = Set.of("router", "shared_expert_gate");
    /** Scores the experts where its parent has any; elsewhere it is a part of a gated MLP. */
    private static final String GATE_NAME = "gate";
    private static final String EXPERTS = ".experts.";
    private static final Pattern EMBEDDING_NAME = Pattern.compile("embed_.*|.*embeddings?|wte|wpe");
    private static final Pattern NORM_NAME = Pattern.compile(".*norm.*|ln_.*|.*_ln");
    private static final Pattern EXPERT = Pattern.compile(".*\\.experts\\.\\d+\\..*");

    public CheckpointLayer {
        tensors = Collections.unmodifiableMap(new LinkedHashMap<>(tensors));
    }

    /** All layers of a checkpoint, ordered by name; numbers in names count as numbers. */
    public static List<CheckpointLayer> of(Checkpoint checkpoint) {
        return of(checkpoint.infos().values());
    }

    /** All layers of these tensors, in the same order. */
    public static List<CheckpointLayer> of(Iterable<TensorInfo> tensors) {
        Map<String, Map<String, TensorInfo>> modules = new TreeMap<>(BY_PARTS);
        for (TensorInfo tensor : tensors) {
            int dot = tensor.name().lastIndexOf('.');
            if (dot > 0) {
                modules.computeIfAbsent(tensor.name().substring(0, dot), module -> new TreeMap<>())
                        .put(tensor.name().substring(dot + 1), tensor);
            }
        }
        Set<String> parentsOfExperts = new HashSet<>();
        for (String module : modules.keySet()) {
            int experts = module.indexOf(EXPERTS);
            if (experts > 0) {
                parentsOfExperts.add(module.substring(0, experts));
            }
        }
        return modules.entrySet().stream().filter(module -> isLayer(module.getKey(), module.getValue()))
                .map(module -> new CheckpointLayer(module.getKey(),
                        guess(module.getKey(), rank(module.getValue()), parentsOfExperts), module.getValue()))
                .toList();
    }

    private static boolean isLayer(String module, Map<String, TensorInfo> tensors) {
        return tensors.keySet().stream().anyMatch(name -> WEIGHT_NAMES.contains(name)
                || (OF_QUANTIZED.contains(name) && !Leftovers.contains(module + "." + name)));
    }

    /** Of the weight; a layer that lacks it would have a matrix. */
    private static int rank(Map<String, TensorInfo> tensors) {
        boolean quantized = tensors.keySet().stream().anyMatch(OF_QUANTIZED::contains);
        return quantized
                ? RANK_OF_MATRIX
                : WEIGHT_NAMES.stream().filter(tensors::containsKey).findFirst().map(tensors::get).orElseThrow().shape()
                        .rank();
    }

    /** The last part of the name of a tensor. */
    public static String lastPart(String tensor) {
        return tensor.substring(tensor.lastIndexOf('.') + 1);
    }

    /** Whether all that is stored of it is of a layer that is not quantized. */
    public boolean isUnquantized() {
        return tensors.containsKey(WEIGHT) && FLOATS.contains(tensors.get(WEIGHT).dtype())
                && tensors.keySet().stream().noneMatch(this::isOfQuantized);
    }

    /** Whether a tensor of it, by the last part of its name, says that it is quantized. */
    public boolean isOfQuantized(String tensor) {
        return OF_QUANTIZED.contains(tensor) && !Leftovers.contains(name + "." + tensor);
    }

    /**
     * The tensor that it has although it is not quantized, if there is one: a tensor of a quantized layer, or any that is
     * neither weight nor bias where it is a plain matrix.
     */
    public Optional<TensorInfo> unusedIfUnquantized() {
        boolean plain = switch (layerClass) {
            case LINEAR, EXPERT_LINEAR, LM_HEAD, EMBEDDING -> true;
            case ROUTER, NORM, OTHER -> false;
        };
        return tensors.entrySet().stream()
                .filter(tensor -> plain
                        ? !mayBeUnquantized(tensor.getKey())
                        : isOfQuantized(tensor.getKey()))
                .map(Map.Entry::getValue).findFirst();
    }

    private boolean mayBeUnquantized(String tensor) {
        return tensor.equals(WEIGHT) || tensor.equals(BIAS) || Leftovers.contains(name + "." + tensor);
    }

    private static LayerClass guess(String module, int rank, Set<String> parentsOfExperts) {
        int dot = module.lastIndexOf('.');
        String last = module.substring(dot + 1);
        if (rank < RANK_OF_MATRIX || NORM_NAME.matcher(last).matches()) {
            return LayerClass.NORM;
        }
        if (rank > RANK_OF_MATRIX) {
            return LayerClass.OTHER;
        }
        if (HEAD_NAMES.contains(last)) {
            return LayerClass.LM_HEAD;
        }
        if (EMBEDDING_NAME.matcher(last).matches()) {
            return LayerClass.EMBEDDING;
        }
        if (EXPERT.matcher(module).matches()) {
            return LayerClass.EXPERT_LINEAR;
        }
        boolean isRouter = ROUTER_NAMES.contains(last)
                || (last.equals(GATE_NAME)
                        && parentsOfExperts.contains(module.substring(0, Math.max(dot, 0))));
        return isRouter ? LayerClass.ROUTER : LayerClass.LINEAR;
    }

    /** Compares names part by part, numbers by their value. */
    private static final Comparator<String> BY_PARTS = (left, right) -> {
        String[] leftParts = left.split("\\.", -1);
        String[] rightParts = right.split("\\.", -1);
        return Stream.iterate(0, i -> i + 1).limit(Math.min(leftParts.length, rightParts.length))
                .map(i -> comparePart(leftParts[i], rightParts[i])).filter(order -> order != 0).findFirst()
                .orElseGet(() -> Integer.compare(leftParts.length, rightParts.length));
    };

    private static int comparePart(String left, String right) {
        if (isNumber(left) && isNumber(right) && left.length() != right.length()) {
            return Integer.compare(left.length(), right.length());
        }
        return left.compareTo(right);
    }

    private static boolean isNumber(String part) {
        return !part.isEmpty() && part.chars().allMatch(c -> c >= '0' && c <= '9');
    }
}
