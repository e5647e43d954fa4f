package org.quantado.schemes.checkpoint;

import java.lang.foreign.Arena;
import java.lang.foreign.SegmentAllocator;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A block of unquantized experts that are stacked in one tensor for each of their matrices, seen as single experts:
 * expert e has the modules {@code experts.e.gate_proj}, {@code experts.e.up_proj} and {@code experts.e.down_proj}, or
 * what the layout calls them, each with a {@code weight} {@code [outputs, inputs]} and, where the block has biases, a
 * {@code bias} {@code [outputs]}. Biases lie beside the stacked tensors: {@code [E, 2I]} and {@code [E, H]}.
 *
 * <p>Matrices that lie by columns are copied when a single expert's are asked for.
 */
public final class LinearizedExperts implements TensorSource {
    private static final String EXPERTS = ".experts.";
    private static final String BIAS = "_bias";

    private final Checkpoint checkpoint;
    private final StackLayout layout;
    private final String block;
    private final Tensor gateUp;
    private final SortedNames names;

    /** Which part of which stacked tensor a tensor of a single expert is. */
    private record Part(String stacked, int expert, Optional<Integer> half) {
    }

    /**
     * @param block name of the block, such as {@code model.layers.0.mlp}
     * @throws CheckpointException if a tensor is missing, or the shapes cannot be right
     */
    public LinearizedExperts(Checkpoint checkpoint, StackLayout layout, String block) {
        this.checkpoint = checkpoint;
        this.layout = layout;
        this.block = block;
        this.gateUp = checkpoint.tensor(stacked(layout.names().stackedGateUp()));
        requireGateUp();
        String down = stacked(layout.names().stackedDown());
        if (byColumns()) {
            checkpoint.tensor(down).requireShape(experts(), intermediate(), hidden());
        } else {
            checkpoint.tensor(down).requireShape(experts(), hidden(), intermediate());
        }
        checkpoint.find(gateUp.name() + BIAS).ifPresent(bias -> bias.requireShape(experts(), 2L * intermediate()));
        checkpoint.find(down + BIAS).ifPresent(bias -> bias.requireShape(experts(), hidden()));
        this.names = new SortedNames(checkpoint.namesThatBegin(block + ".").stream().flatMap(this::seenAs).toList());
    }

    private Stream<String> seenAs(String name) {
        List<TensorInfo> seen = seenAs(checkpoint.infoOf(name));
        return seen.isEmpty() ? Stream.of(name) : seen.stream().map(TensorInfo::name);
    }

    private void requireGateUp() {
        Shape shape = gateUp.shape();
        boolean fits = shape.rank() == 3 && shape.dimension(byColumns() ? 2 : 1) % 2 == 0 && gateUp.elements() > 0
                && shape.dimension(0) <= Short.MAX_VALUE
                && Math.max(shape.dimension(1), shape.dimension(2)) <= Integer.MAX_VALUE;
        if (!fits) {
            throw gateUp.error("shape " + shape, byColumns()
                    ? "[experts, hidden, 2 * intermediate]"
                    : "[experts, 2 * intermediate, hidden]");
        }
    }

    /** All blocks of a checkpoint, in the order of their names in it. */
    public static List<LinearizedExperts> of(Checkpoint checkpoint, StackLayout layout) {
        String ending = "." + layout.names().stackedGateUp();
        return checkpoint.names().stream().filter(name -> name.endsWith(ending) && name.length() > ending.length())
                .map(name -> new LinearizedExperts(checkpoint, layout,
                        name.substring(0, name.length() - ending.length())))
                .toList();
    }

    private boolean byColumns() {
        return layout.arrangement().outputsInColumns();
    }

    /** Name of the block. */
    public String block() {
        return block;
    }

    /** How they are stacked. */
    public StackLayout layout() {
        return layout;
    }

    /** E. */
    public int experts() {
        return (int) gateUp.shape().dimension(0);
    }

    /** H. */
    public int hidden() {
        return (int) gateUp.shape().dimension(byColumns() ? 1 : 2);
    }

    /** I. */
    public int intermediate() {
        return (int) gateUp.shape().dimension(byColumns() ? 2 : 1) / 2;
    }

    /** Full name of a stacked tensor. */
    private String stacked(String name) {
        return block + "." + name;
    }

    /**
     * What one of the checkpoint's tensors is seen as: those of each expert in turn; empty for a tensor that is none of
     * these experts'. Offsets are those of the expert's part.
     */
    public List<TensorInfo> seenAs(TensorInfo tensor) {
        List<String> modules = modulesIn(tensor.name());
        boolean isBias = tensor.name().endsWith(BIAS);
        List<TensorInfo> seen = new ArrayList<>();
        long bytes = modules.isEmpty() ? 0 : tensor.byteSize() / experts() / modules.size();
        for (int expert = 0; !modules.isEmpty() && expert < experts(); expert++) {
            for (String module : modules) {
                Shape weight = module.equals(layout.names().down())
                        ? Shape.of(hidden(), intermediate())
                        : Shape.of(intermediate(), hidden());
                seen.add(new TensorInfo(block + EXPERTS + expert + "." + module + (isBias ? ".bias" : ".weight"),
                        tensor.dtype(), isBias ? Shape.of(weight.dimension(0)) : weight,
                        tensor.offset() + expert * bytes * modules.size(), bytes));
            }
        }
        return seen;
    }

    /** The modules of an expert whose weights or biases a tensor holds. */
    private List<String> modulesIn(String tensor) {
        StackLayout.Names names = layout.names();
        if (isOf(tensor, names.stackedGateUp())) {
            return List.of(names.gate(), names.up());
        }
        return isOf(tensor, names.stackedDown()) ? List.of(names.down()) : List.of();
    }

    private boolean isOf(String tensor, String name) {
        return tensor.equals(stacked(name)) || tensor.equals(stacked(name) + BIAS);
    }

    @Override
    public Optional<Tensor> find(String name) {
        return part(name)
                .map(part -> checkpoint.find(part.stacked).map(stacked -> ofExpert(stacked, part, Arena.ofAuto())))
                .orElseGet(() -> checkpoint.find(name));
    }

    @Override
    public Tensor tensor(String name) {
        return tensor(name, Arena.ofAuto());
    }

    /**
     * The tensor of this name; that of an expert may be copied.
     *
     * @param memory where a copy is to be held
     * @throws CheckpointException if there is none
     */
    public Tensor tensor(String name, SegmentAllocator memory) {
        return part(name).map(part -> ofExpert(checkpoint.tensor(part.stacked), part, memory))
                .orElseGet(() -> checkpoint.tensor(name));
    }

    @Override
    public List<String> namesThatBegin(String beginning) {
        return beginning.startsWith(block + ".")
                ? names.thatBegin(beginning)
                : checkpoint.namesThatBegin(beginning);
    }

    /** What a name of a tensor of one of these experts stands for; empty for any other. */
    private Optional<Part> part(String name) {
        String beginning = block + EXPERTS;
        String[] parts = name.startsWith(beginning)
                ? name.substring(beginning.length()).split("\\.", -1)
                : new String[0];
        boolean isOfExpert = parts.length == 3 && parts[0].matches("\\d{1,6}")
                && Integer.parseInt(parts[0]) < experts() && layout.modules().contains(parts[1])
                && (parts[2].equals("weight") || parts[2].equals("bias"));
        if (!isOfExpert) {
            return Optional.empty();
        }
        boolean isDown = parts[1].equals(layout.names().down());
        String stacked = stacked(isDown ? layout.names().stackedDown() : layout.names().stackedGateUp());
        return Optional.of(new Part(parts[2].equals("bias") ? stacked + BIAS : stacked, Integer.parseInt(parts[0]),
                isDown ? Optional.empty() : Optional.of(layout.modules().indexOf(parts[1]))));
    }

    private Tensor ofExpert(Tensor stacked, Part part, SegmentAllocator memory) {
        Tensor ofExpert = stacked.part(part.expert);
        return part.half.map(half -> layout.arrangement().half(ofExpert, half, memory))
                .orElseGet(() -> layout.arrangement().whole(ofExpert, memory));
    }
}
