package org.quantado.schemes.dialect;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.IntStream;

import org.quantado.schemes.checkpoint.Checkpoint;
import org.quantado.schemes.checkpoint.DType;
import org.quantado.schemes.checkpoint.Tensor;
import org.quantado.schemes.config.CompressionFormat;
import org.quantado.schemes.config.ConfigGroup;
import org.quantado.schemes.config.QuantizationArgs;
import org.quantado.schemes.config.QuantizationConfig;
import org.quantado.schemes.config.Target;

/**
 * Layers whose weights are integers in the tensors that GPTQ and AWQ have in common: {@code qweight}, {@code qzeros}
 * {@code [G, N*bits/32]}, {@code scales} {@code [G, N]} and {@code g_idx} {@code [K]}. All but the last are turned, so that
 * outputs come first.
 *
 * @param checkpoint that they are in
 * @param packing of the words
 * @param usual how layers are quantized
 * @param formats how each layer is quantized, by its name; empty for one that is not
 */
record IntegerLayers(Checkpoint checkpoint, IntegerPacking packing, IntegerFormat usual,
        Function<String, Optional<IntegerFormat>> formats) {
    private static final String CODES = ".qweight";
    private static final String ZEROS = ".qzeros";
    private static final String SCALES = ".scales";
    private static final String GROUP_INDEX = ".g_idx";
    /** Layers that a target for all linear layers does not mean. */
    private static final Set<String> HEADS = Set.of("lm_head", "embed_out");
    private static final Target LINEAR = Target.of("Linear");

    /** What they are in terms of compressed-tensors. */
    Reading reading(List<Target> ignored) {
        return Reading.of(config(ignored), checkpoint, this::seenAs);
    }

    private QuantizationConfig config(List<Target> ignored) {
        List<Target> ignore = new ArrayList<>(ignored);
        Map<QuantizationArgs, List<Target>> targets = new LinkedHashMap<>();
        targets.computeIfAbsent(usual.args(), _ -> new ArrayList<>()).add(LINEAR);
        checkpoint.names().stream().filter(name -> name.endsWith(CODES)).forEach(name -> {
            String module = name.substring(0, name.length() - CODES.length());
            Optional<QuantizationArgs> args = formats.apply(module)
                    .map(format -> format.inWholeGroups(inputs(checkpoint.tensor(name), format)).args());
            if (args.isEmpty()) {
                ignore.add(Target.of(module));
            } else if (!args.get().equals(usual.args())
                    || HEADS.contains(module.substring(module.lastIndexOf('.') + 1))) {
                targets.computeIfAbsent(args.get(), _ -> new ArrayList<>()).add(Target.of(module));
            }
        });
        List<ConfigGroup> groups = new ArrayList<>();
        targets.forEach((args, names) -> groups
                .add(ConfigGroup.of("group_" + groups.size(), names, args, Optional.empty())));
        return QuantizationConfig.of(groups, CompressionFormat.PACK_QUANTIZED, ignore, Optional.empty());
    }

    private long inputs(Tensor qweight, IntegerFormat format) {
        if (qweight.requireDType(DType.I32).shape().rank() != 2 || qweight.elements() == 0) {
            throw qweight.error("shape " + qweight.shape(), "a matrix of words");
        }
        return packing.inputs(qweight, format.bits());
    }

    private List<Tensor> seenAs(Tensor tensor) {
        int dot = Math.max(0, tensor.name().lastIndexOf('.'));
        String module = tensor.name().substring(0, dot);
        Optional<Tensor> qweight = checkpoint.find(module + CODES);
        Optional<IntegerFormat> format = qweight.flatMap(_ -> formats.apply(module));
        return format.map(known -> seenAs(tensor, module, tensor.name().substring(dot), qweight.orElseThrow(), known))
                .orElse(List.of(tensor));
    }

    private List<Tensor> seenAs(Tensor tensor, String module, String kind, Tensor qweight, IntegerFormat format) {
        long inputs = inputs(qweight, format);
        long outputs = packing.outputs(qweight, format.bits());
        long groups = format.groups(inputs);
        return switch (kind) {
            case CODES -> {
                requireComplete(module, format, inputs, qweight);
                yield List.of(packing.codes(tensor).named(module + ".weight_packed"),
                        Computed.size(tensor, outputs, inputs).named(module + ".weight_shape"));
            }
            case SCALES -> List.of(inWholeGroups(tensor.requireDType(DType.F16, DType.BF16, DType.F32)
                    .requireShape(groups, outputs).transposed(), format, inputs).named(module + ".weight_scale"));
            case ZEROS -> {
                tensor.requireDType(DType.I32).requireShape(groups,
                        Math.ceilDiv(outputs * format.bits(), Integer.SIZE));
                yield List.of(inWholeGroups(packing.zeroPoints(tensor, format.bits()), format, inputs)
                        .named(module + ".weight_zero_point"));
            }
            case GROUP_INDEX -> List.of(groupIndex(tensor.requireDType(DType.I32).requireShape(inputs), format, inputs)
                    .named(module + ".weight_g_idx"));
            default -> List.of(tensor);
        };
    }

    /** Names the tensors of the dialect that are missing. */
    private void requireComplete(String module, IntegerFormat format, long inputs, Tensor qweight) {
        checkpoint.tensor(module + SCALES);
        if (!format.symmetric()) {
            checkpoint.tensor(module + ZEROS);
        }
        if (format.ordered()) {
            checkpoint.tensor(module + GROUP_INDEX);
        }
        if (!packing.hasShortGroups() && format.groupSize() > 0 && inputs % format.groupSize() != 0) {
            throw qweight.error(inputs + " inputs", "a whole number of groups of " + format.groupSize());
        }
    }

    /** Columns of groups, each as often as the groups of one size have it. */
    private static Tensor inWholeGroups(Tensor columns, IntegerFormat format, long inputs) {
        IntegerFormat whole = format.inWholeGroups(inputs);
        int groups = (int) whole.groups(inputs);
        return whole.equals(format) || groups == 1
                ? columns
                : Computed.columns(columns, IntStream.range(0, groups)
                        .map(group -> group * whole.groupSize() / format.groupSize()).toArray());
    }

    /** The group of each column among the groups of one size. */
    private static Tensor groupIndex(Tensor groupOf, IntegerFormat format, long inputs) {
        IntegerFormat whole = format.inWholeGroups(inputs);
        int size = whole.groupSize();
        return whole.equals(format) || whole.groups(inputs) == 1
                ? groupOf
                : groupOf.derived(DType.I32, groupOf.shape(), () -> {
                    int[] groups = groupOf.toInts();
                    return Computed.littleEndian(IntStream.range(0, groups.length)
                            .map(k -> groups[k] * (format.groupSize() / size) + k % format.groupSize() / size)
                            .toArray());
                });
    }
}
