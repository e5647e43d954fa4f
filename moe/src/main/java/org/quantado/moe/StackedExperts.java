package org.quantado.moe;

import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.quantado.schemes.checkpoint.Tensor;
import org.quantado.schemes.checkpoint.TensorSource;

/**
 * Experts whose matrices lie in one tensor each, seen as those of single experts: {@code w13_<parameter>}
 * {@code [E, 2I, ...]}, gates and then ups, and {@code w2_<parameter>} {@code [E, H, ...]}. These are the parameters of
 * vLLM's fused layers.
 *
 * @param tensors where the stacked tensors are
 */
public record StackedExperts(TensorSource tensors) implements TensorSource {
    private static final Pattern EXPERT_TENSOR = Pattern
            .compile(".*\\.experts\\.(\\d{1,9})\\.(gate|up|down)_proj\\.(.+)");
    private static final Pattern EXPERT_MODULE = Pattern.compile(".*\\.experts\\.\\d{1,9}\\.(gate|up|down)_proj\\.");

    @Override
    public Optional<Tensor> find(String name) {
        Matcher parts = EXPERT_TENSOR.matcher(name);
        return parts.matches()
                ? tensors.find(stackedName(parts)).map(stacked -> ofExpert(stacked, parts))
                : tensors.find(name);
    }

    @Override
    public Tensor tensor(String name) {
        Matcher parts = EXPERT_TENSOR.matcher(name);
        return parts.matches() ? ofExpert(tensors.tensor(stackedName(parts)), parts) : tensors.tensor(name);
    }

    @Override
    public List<String> namesThatBegin(String beginning) {
        Matcher parts = EXPERT_MODULE.matcher(beginning);
        if (!parts.matches()) {
            return tensors.namesThatBegin(beginning);
        }
        String stacked = stackedBeginning(parts.group(1));
        return tensors.namesThatBegin(stacked).stream().map(name -> beginning + name.substring(stacked.length()))
                .toList();
    }

    private static String stackedBeginning(String matrix) {
        return matrix.equals("down") ? "w2_" : "w13_";
    }

    private static String stackedName(Matcher parts) {
        return stackedBeginning(parts.group(2)) + parts.group(3);
    }

    private static Tensor ofExpert(Tensor stacked, Matcher parts) {
        int expert = Integer.parseInt(parts.group(1));
        if (stacked.shape().rank() < 2 || expert >= stacked.shape().dimension(0)) {
            throw stacked.error("shape " + stacked.shape(), "one with an expert " + expert);
        }
        Tensor ofExpert = stacked.part(expert);
        long rows = ofExpert.shape().dimension(0);
        return switch (parts.group(2)) {
            case "gate" -> ofExpert.rows(0, rows / 2);
            case "up" -> ofExpert.rows(rows / 2, rows);
            default -> ofExpert;
        };
    }
}
