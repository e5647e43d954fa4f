package org.quantado.moe.model;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.quantado.moe.ExpertNames;
import org.quantado.schemes.checkpoint.Checkpoint;
import org.quantado.schemes.checkpoint.CheckpointException;
import org.quantado.schemes.checkpoint.LinearizedExperts;
import org.quantado.schemes.model.Model;
import org.quantado.schemes.select.CheckpointLayer;

/** Finds the blocks of experts of a model by the names of its tensors. */
public final class MoeLayers {
    private static final String EXPERTS = ".experts.";
    private static final Pattern EXPERT = Pattern.compile("(.+)\\.experts\\.(\\d{1,6})\\.([^.]+)");

    private MoeLayers() {
    }

    /** All blocks, in the order of their names. */
    public static List<MoeLayer> of(Model model) {
        Map<String, Map<ExpertNames, List<Integer>>> numbers = new LinkedHashMap<>();
        for (CheckpointLayer module : CheckpointLayer.of(model.checkpoint())) {
            Matcher expert = EXPERT.matcher(module.name());
            if (expert.matches()) {
                ExpertNames.with(expert.group(3)).ifPresent(names -> numbers
                        .computeIfAbsent(expert.group(1), block -> new EnumMap<>(ExpertNames.class))
                        .computeIfAbsent(names, some -> new ArrayList<>()).add(Integer.valueOf(expert.group(2))));
            }
        }
        Map<String, MoeLayer> layers = new LinkedHashMap<>();
        numbers.forEach((block, byNames) -> layers.put(block, singleExperts(model, block, byNames)));
        model.config().stackLayout().ifPresent(layout -> LinearizedExperts.of(model.checkpoint(), layout)
                .forEach(experts -> layers.put(experts.block(), MoeLayer.ofStackedExperts(model, experts))));
        requireFound(model.checkpoint(), layers.keySet());
        return List.copyOf(layers.values());
    }

    /** Experts of which no block was made would be passed over. */
    private static void requireFound(Checkpoint checkpoint, Set<String> blocks) {
        checkpoint.names().stream().filter(name -> name.contains(EXPERTS))
                .filter(name -> blocks.stream().noneMatch(block -> name.startsWith(block + EXPERTS))).findFirst()
                .ifPresent(name -> {
                    throw checkpoint.tensor(name).error("a tensor of experts whose names or layout are not known",
                            "experts.0.gate_proj, experts.0.w1, or the stacked tensors of model_type gpt_oss, llama4,"
                                    + " qwen3_vl_moe, qwen3_5_moe or granitemoe");
                });
    }

    /** The block of this name, if there is one. */
    public static Optional<MoeLayer> find(Model model, String name) {
        return of(model).stream().filter(layer -> layer.name().equals(name)).findFirst();
    }

    /** Of two kinds of names, those of more modules are the experts'; the others' tensors will find no use. */
    private static MoeLayer singleExperts(Model model, String block, Map<ExpertNames, List<Integer>> numbers) {
        Map.Entry<ExpertNames, List<Integer>> most = numbers.entrySet().stream()
                .max(Comparator.comparingInt(names -> names.getValue().size())).orElseThrow();
        return MoeLayer.ofSingleExperts(model, block, most.getKey(),
                count(model, block, new TreeSet<>(most.getValue())));
    }

    private static int count(Model model, String block, SortedSet<Integer> numbers) {
        int count = numbers.last() + 1;
        if (numbers.size() != count) {
            throw new CheckpointException(model.checkpoint().path(), "layer " + CheckpointException.quote(block),
                    numbers.size() + " experts, the last of them with tensor "
                            + CheckpointException
                                    .quote(firstBelow(model.checkpoint(), block + EXPERTS + numbers.last())),
                    "every expert up to the last");
        }
        return count;
    }

    private static String firstBelow(Checkpoint checkpoint, String module) {
        return checkpoint.names().stream().filter(name -> name.startsWith(module + ".")).findFirst().orElse(module);
    }
}
