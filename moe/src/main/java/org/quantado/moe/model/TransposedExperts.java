package org.quantado.moe.model;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.quantado.schemes.checkpoint.Checkpoint;
import org.quantado.schemes.checkpoint.Tensor;
import org.quantado.schemes.checkpoint.TensorSource;

/**
 * Unquantized experts as gpt-oss has them, seen as single experts: {@code gate_up_proj} {@code [E, H, 2I]}, gates and
 * ups in turn, and {@code down_proj} {@code [E, I, H]}, with biases {@code [E, 2I]} and {@code [E, H]}.
 *
 * <p>What single experts have is copied, since kernels take outputs by rows.
 */
final class TransposedExperts implements TensorSource {
    private static final Pattern EXPERT_TENSOR = Pattern
            .compile("(.*\\.experts)\\.(\\d{1,6})\\.(gate|up|down)_proj\\.(weight|bias)");

    private final Checkpoint checkpoint;
    private final Tensor gateUp;

    /**
     * @param block name of the block
     * @throws org.quantado.schemes.checkpoint.CheckpointException if the shapes cannot be right
     */
    TransposedExperts(Checkpoint checkpoint, String block) {
        this.checkpoint = checkpoint;
        this.gateUp = checkpoint.tensor(block + ".experts.gate_up_proj");
        boolean fits = gateUp.shape().rank() == 3 && gateUp.shape().dimension(2) % 2 == 0
                && gateUp.elements() > 0 && gateUp.shape().dimension(0) <= Short.MAX_VALUE
                && gateUp.shape().dimension(1) <= Integer.MAX_VALUE
                && gateUp.shape().dimension(2) <= Integer.MAX_VALUE;
        if (!fits) {
            throw gateUp.error("shape " + gateUp.shape(), "[experts, hidden, 2 * intermediate]");
        }
        checkpoint.tensor(block + ".experts.down_proj").requireShape(experts(), intermediate(), hidden());
    }

    int experts() {
        return (int) gateUp.shape().dimension(0);
    }

    int hidden() {
        return (int) gateUp.shape().dimension(1);
    }

    int intermediate() {
        return (int) gateUp.shape().dimension(2) / 2;
    }

    @Override
    public Optional<Tensor> find(String name) {
        Matcher parts = EXPERT_TENSOR.matcher(name);
        return parts.matches()
                ? checkpoint.find(stackedName(parts)).map(stacked -> ofExpert(stacked, parts))
                : checkpoint.find(name);
    }

    @Override
    public Tensor tensor(String name) {
        Matcher parts = EXPERT_TENSOR.matcher(name);
        return parts.matches() ? ofExpert(checkpoint.tensor(stackedName(parts)), parts) : checkpoint.tensor(name);
    }

    private static String stackedName(Matcher parts) {
        String matrix = parts.group(3).equals("down") ? ".down_proj" : ".gate_up_proj";
        return parts.group(1) + matrix + (parts.group(4).equals("bias") ? "_bias" : "");
    }

    private static Tensor ofExpert(Tensor stacked, Matcher parts) {
        Tensor ofExpert = stacked.part(Integer.parseInt(parts.group(2)));
        return switch (parts.group(3)) {
            case "gate" -> ofExpert.columnsAsRows(0, 2);
            case "up" -> ofExpert.columnsAsRows(1, 2);
            default -> parts.group(4).equals("bias") ? ofExpert : ofExpert.columnsAsRows(0, 1);
        };
    }
}
