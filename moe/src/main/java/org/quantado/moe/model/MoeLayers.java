package org.quantado.moe.model;

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
        Map<String, ExpertNames> names = new LinkedHashMap<>();
        Map<String, SortedSet<Integer>> numbers = new LinkedHashMap<>();
        for (CheckpointLayer module : CheckpointLayer.of(model.checkpoint())) {
            Matcher expert = EXPERT.matcher(module.name());
            if (expert.matches()) {
                Optional<ExpertNames> matrices = ExpertNames.with(expert.group(3));
                matrices.ifPresent(some -> {
                    names.putIfAbsent(expert.group(1), some);
                    numbers.computeIfAbsent(expert.group(1), block -> new TreeSet<>())
                            .add(Integer.valueOf(expert.group(2)));
                });
            }
        }
        Map<String, MoeLayer> layers = new LinkedHashMap<>();
        names.forEach((block, matrices) -> layers.put(block,
                MoeLayer.ofSingleExperts(model, block, matrices, count(model, block, numbers.get(block)))));
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

    private static int count(Model model, String block, SortedSet<Integer> numbers) {
        int count = numbers.last() + 1;
        if (numbers.size() != count) {
            throw new CheckpointException(model.checkpoint().path(), "layer " + CheckpointException.quote(block),
                    numbers.size() + " experts, numbered up to " + numbers.last(), "every expert up to the last");
        }
        return count;
    }
}
