package org.quantado.schemes.checkpoint;

import java.lang.foreign.Arena;
import java.lang.foreign.SegmentAllocator;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A block of unquantized experts as gpt-oss has them, seen as single experts: {@code gate_up_proj} {@code [E, H, 2I]},
 * gates and ups in turn, and {@code down_proj} {@code [E, I, H]}, with biases {@code [E, 2I]} and {@code [E, H]} or
 * without. Expert e then has {@code e.gate_proj}, {@code e.up_proj} and {@code e.down_proj}, each with a {@code weight}
 * {@code [outputs, inputs]} and a {@code bias} {@code [outputs]}.
 *
 * <p>What single experts have is copied, since their matrices lie by columns.
 *
 * <p>Source: transformers, {@code GptOssExperts}; the names are those that llm-compressor gives them before it quantizes
 * them.
 */
public final class TransposedExperts implements TensorSource {
    private static final Pattern STACKED = Pattern.compile("(.+)\\.experts\\.gate_up_proj");
    private static final Pattern EXPERT_TENSOR = Pattern
            .compile("(.*)\\.experts\\.(\\d{1,6})\\.(gate|up|down)_proj\\.(weight|bias)");
    private static final String GATE_UP = "gate_up_proj";
    private static final String DOWN = "down_proj";
    private static final String BIAS = "_bias";

    private final Checkpoint checkpoint;
    private final String block;
    private final Tensor gateUp;

    /**
     * @param block name of the block, such as {@code model.layers.0.mlp}
     * @throws CheckpointException if a tensor is missing, or the shapes cannot be right
     */
    public TransposedExperts(Checkpoint checkpoint, String block) {
        this.checkpoint = checkpoint;
        this.block = block;
        this.gateUp = checkpoint.tensor(stacked(GATE_UP));
        boolean fits = gateUp.shape().rank() == 3 && gateUp.shape().dimension(2) % 2 == 0
                && gateUp.elements() > 0 && gateUp.shape().dimension(0) <= Short.MAX_VALUE
                && gateUp.shape().dimension(1) <= Integer.MAX_VALUE
                && gateUp.shape().dimension(2) <= Integer.MAX_VALUE;
        if (!fits) {
            throw gateUp.error("shape " + gateUp.shape(), "[experts, hidden, 2 * intermediate]");
        }
        checkpoint.tensor(stacked(DOWN)).requireShape(experts(), intermediate(), hidden());
        checkpoint.find(stacked(GATE_UP + BIAS)).ifPresent(bias -> bias.requireShape(experts(), 2L * intermediate()));
        checkpoint.find(stacked(DOWN + BIAS)).ifPresent(bias -> bias.requireShape(experts(), hidden()));
    }

    /** All blocks of a checkpoint of gpt-oss, in the order of their names in it. */
    public static List<TransposedExperts> of(Checkpoint checkpoint) {
        return checkpoint.names().stream().map(STACKED::matcher).filter(Matcher::matches)
                .map(name -> new TransposedExperts(checkpoint, name.group(1))).toList();
    }

    /** Name of the block. */
    public String block() {
        return block;
    }

    /** E. */
    public int experts() {
        return (int) gateUp.shape().dimension(0);
    }

    /** H. */
    public int hidden() {
        return (int) gateUp.shape().dimension(1);
    }

    /** I. */
    public int intermediate() {
        return (int) gateUp.shape().dimension(2) / 2;
    }

    /** Name of a stacked tensor. */
    private String stacked(String matrix) {
        return block + ".experts." + matrix;
    }

    /**
     * What one of the checkpoint's tensors is seen as: those of each expert in turn; empty for a tensor that is none of
     * these experts'. Offsets are those of the expert's part.
     */
    public List<TensorInfo> seenAs(TensorInfo tensor) {
        Optional<List<String>> matrices = matrices(tensor.name());
        if (matrices.isEmpty()) {
            return List.of();
        }
        boolean isBias = tensor.name().endsWith(BIAS);
        List<TensorInfo> seen = new ArrayList<>();
        long bytes = tensor.byteSize() / experts() / matrices.get().size();
        for (int expert = 0; expert < experts(); expert++) {
            for (String matrix : matrices.get()) {
                Shape weight = matrix.equals(DOWN)
                        ? Shape.of(hidden(), intermediate())
                        : Shape.of(intermediate(), hidden());
                seen.add(new TensorInfo(stacked(expert + "." + matrix + (isBias ? ".bias" : ".weight")),
                        tensor.dtype(), isBias ? Shape.of(weight.dimension(0)) : weight,
                        tensor.offset() + expert * bytes * matrices.get().size(), bytes));
            }
        }
        return seen;
    }

    /** The matrices of an expert that a stacked tensor holds. */
    private Optional<List<String>> matrices(String tensor) {
        if (tensor.equals(stacked(GATE_UP)) || tensor.equals(stacked(GATE_UP + BIAS))) {
            return Optional.of(List.of("gate_proj", "up_proj"));
        }
        return tensor.equals(stacked(DOWN)) || tensor.equals(stacked(DOWN + BIAS))
                ? Optional.of(List.of(DOWN))
                : Optional.empty();
    }

    @Override
    public Optional<Tensor> find(String name) {
        return parts(name).map(parts -> checkpoint.find(stackedName(parts))
                .map(stacked -> ofExpert(stacked, parts, Arena.ofAuto())))
                .orElseGet(() -> checkpoint.find(name));
    }

    @Override
    public Tensor tensor(String name) {
        return tensor(name, Arena.ofAuto());
    }

    /**
     * The tensor of this name; that of an expert is copied.
     *
     * @param memory where a copy is to be held
     * @throws CheckpointException if there is none
     */
    public Tensor tensor(String name, SegmentAllocator memory) {
        return parts(name).map(parts -> ofExpert(checkpoint.tensor(stackedName(parts)), parts, memory))
                .orElseGet(() -> checkpoint.tensor(name));
    }

    /** The parts of the name of a tensor of one of these experts. */
    private Optional<Matcher> parts(String name) {
        return Optional.of(EXPERT_TENSOR.matcher(name)).filter(Matcher::matches)
                .filter(parts -> parts.group(1).equals(block) && Integer.parseInt(parts.group(2)) < experts());
    }

    private String stackedName(Matcher parts) {
        return stacked((parts.group(3).equals("down") ? DOWN : GATE_UP)
                + (parts.group(4).equals("bias") ? BIAS : ""));
    }

    private static Tensor ofExpert(Tensor stacked, Matcher parts, SegmentAllocator memory) {
        Tensor ofExpert = stacked.part(Integer.parseInt(parts.group(2)));
        return switch (parts.group(3)) {
            case "gate" -> ofExpert.columnsAsRows(0, 2, memory);
            case "up" -> ofExpert.columnsAsRows(1, 2, memory);
            default -> parts.group(4).equals("bias") ? ofExpert : ofExpert.columnsAsRows(0, 1, memory);
        };
    }
}
