package org.quantado.schemes.select;

import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.quantado.schemes.checkpoint.Checkpoint;
import org.quantado.schemes.checkpoint.TensorInfo;

/**
 * A layer that can be told from the names of a checkpoint's tensors: all tensors whose names differ in the last
 * part only, where one of them is a weight.
 *
 * @param name full name, such as {@code model.layers.0.mlp.down_proj}
 * @param layerClass what it seems to be, by its name and the rank of its weight
 * @param tensors what is stored of it, by the last part of the name, such as {@code weight_scale}
 */
public record CheckpointLayer(String name, LayerClass layerClass, Map<String, TensorInfo> tensors) {
    /** Names of the tensor that makes a layer: as it is, packed by compressed-tensors, packed by GPTQ and AWQ. */
    private static final List<String> WEIGHT_NAMES = List.of("weight", "weight_packed", "qweight");
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
        return modules.entrySet().stream().filter(module -> hasWeight(module.getValue()))
                .map(module -> new CheckpointLayer(module.getKey(),
                        guess(module.getKey(), weight(module.getValue()).shape().rank(), parentsOfExperts),
                        module.getValue()))
                .toList();
    }

    private static boolean hasWeight(Map<String, TensorInfo> tensors) {
        return WEIGHT_NAMES.stream().anyMatch(tensors::containsKey);
    }

    private static TensorInfo weight(Map<String, TensorInfo> tensors) {
        return WEIGHT_NAMES.stream().filter(tensors::containsKey).findFirst().map(tensors::get).orElseThrow();
    }

    private static LayerClass guess(String module, int rank, Set<String> parentsOfExperts) {
        int dot = module.lastIndexOf('.');
        String last = module.substring(dot + 1);
        if (rank <= 1 || NORM_NAME.matcher(last).matches()) {
            return LayerClass.NORM;
        }
        if (rank > 2) {
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
