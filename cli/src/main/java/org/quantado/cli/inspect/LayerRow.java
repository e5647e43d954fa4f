package org.quantado.cli.inspect;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import org.quantado.cli.report.Names;
import org.quantado.schemes.checkpoint.CheckpointException;
import org.quantado.schemes.checkpoint.Shape;
import org.quantado.schemes.checkpoint.TensorInfo;
import org.quantado.schemes.config.QuantizationArgs;
import org.quantado.schemes.linear.LinearSpec;
import org.quantado.schemes.linear.SchemeException;
import org.quantado.schemes.model.ModelLayer;
import org.quantado.schemes.select.LayerClass;
import org.quantado.schemes.select.Selection;
import org.quantado.schemes.select.Selection.Selected;
import org.quantado.schemes.select.Selection.Unquantized;
import org.quantado.schemes.select.Selection.Unsupported;

import com.fasterxml.jackson.annotation.JsonIgnore;

/**
 * A layer of a checkpoint.
 *
 * @param name full name
 * @param kind what it seems to be
 * @param shape {@code [N, K]}, or that of its largest tensor where it is no matrix
 * @param bytes of all its tensors
 * @param bitsPerWeight of them
 * @param scheme that runs it, by vLLM's name; absent where there is none
 * @param runsAs what runs, as presets are called; absent where there is no scheme
 * @param group of the config that the scheme follows from
 * @param weights how they are quantized
 * @param input how it is quantized
 * @param output how it is quantized
 * @param reason why there is no scheme
 * @param problem what is wrong with it
 */
record LayerRow(String name, String kind, List<Long> shape, long bytes, double bitsPerWeight, String scheme,
        String runsAs, String group,
        String weights, String input, String output, String reason, String problem) {

    /** With what is wrong with it, if anything. */
    static LayerRow checked(ModelLayer layer) {
        try {
            layer.check();
            return of(layer, Optional.empty());
        } catch (CheckpointException | SchemeException e) {
            return of(layer, Optional.of(e.getMessage()));
        }
    }

    private static LayerRow of(ModelLayer layer, Optional<String> problem) {
        Shape shape = shape(layer);
        Optional<Selected> selected = layer.selection() instanceof Selected some ? Optional.of(some) : Optional.empty();
        return new LayerRow(layer.name(), Names.of(layer.layerClass()), dimensions(shape), layer.bytes(),
                layer.bytes() * (double) Byte.SIZE / Math.max(1, shape.elements()),
                selected.map(scheme -> scheme.scheme().peerClass()).orElse(null),
                selected.map(RunsAs::of).orElse(null), selected.map(Selected::groupName).orElse(null),
                selected.map(Selected::weights).map(LayerRow::describe).orElse(null),
                selected.flatMap(Selected::input).map(LayerRow::describe).orElse(null),
                selected.flatMap(Selected::output).map(LayerRow::describe).orElse(null), reason(layer.selection()),
                problem.orElse(null));
    }

    private static List<Long> dimensions(Shape shape) {
        return IntStream.range(0, shape.rank()).mapToObj(shape::dimension).toList();
    }

    private static Shape shape(ModelLayer layer) {
        if (layer.layerClass() != LayerClass.NORM && layer.layerClass() != LayerClass.OTHER) {
            try {
                LinearSpec spec = layer.spec();
                return Shape.of(spec.outputSizePerPartition(), spec.inputSize());
            } catch (CheckpointException e) {
                // check() has said what is wrong with it
            }
        }
        return layer.modules().getFirst().tensors().values().stream()
                .max(Comparator.comparingLong(TensorInfo::byteSize)).orElseThrow().shape();
    }

    private static String reason(Selection selection) {
        return switch (selection) {
            case Selected selected -> null;
            case Unquantized unquantized -> unquantized.reason();
            case Unsupported unsupported -> unsupported.explanation();
        };
    }

    /** Such as {@code 4-bit int, group 128}. */
    static String describe(QuantizationArgs args) {
        return args.numBits() + "-bit " + args.type().jsonName() + ", "
                + (args.dynamic().isDynamic() ? "dynamic " : "") + args.strategy().jsonName()
                + (args.groupSize().orElse(0) > 0 ? " " + args.groupSize().getAsInt() : "")
                + args.blockStructure().map(block -> " " + block.rows() + "x" + block.columns()).orElse("")
                + (args.symmetric() ? "" : ", asymmetric");
    }

    /** All that is printed of it but its name; where it differs by a block's number only, it is the same. */
    Object rest() {
        return List.of(kind, shape, bytes, Alike.anyNumber(explanation()), String.valueOf(problem));
    }

    @JsonIgnore
    boolean isQuantized() {
        return scheme != null;
    }

    /** What runs and what it quantizes, or why nothing does. */
    String explanation() {
        if (scheme == null) {
            return "none: " + reason;
        }
        return runsAs + Stream.of(Optional.of("weights " + weights), Optional.ofNullable(input).map("inputs "::concat),
                Optional.ofNullable(output).map("outputs "::concat)).flatMap(Optional::stream)
                .collect(Collectors.joining("; ", " (", ")"));
    }
}
