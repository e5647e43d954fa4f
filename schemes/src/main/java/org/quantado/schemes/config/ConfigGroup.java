package org.quantado.schemes.config;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Layers that are quantized alike: compressed-tensors' QuantizationScheme under its key in {@code config_groups}.
 *
 * @param name the key, such as {@code group_0}
 * @param targets which layers
 * @param weights how their weights are quantized, if at all
 * @param inputActivations how their inputs are quantized, if at all
 * @param outputActivations how their outputs are quantized, if at all
 * @param format layout of the weights, where it is not the config's
 */
public record ConfigGroup(String name, List<Target> targets, Optional<QuantizationArgs> weights,
        Optional<QuantizationArgs> inputActivations, Optional<QuantizationArgs> outputActivations,
        Optional<CompressionFormat> format) {

    private static final Set<String> FIELDS = Set.of("targets", "weights", "input_activations",
            "output_activations", "format");
    private static final Set<String> PRESET_FIELDS = Set.of("weights", "input_activations",
            "output_activations", "format");

    public ConfigGroup {
        targets = List.copyOf(targets);
    }

    /** A group in the format of its config. */
    public static ConfigGroup of(String name, List<Target> targets, QuantizationArgs weights,
            Optional<QuantizationArgs> input) {
        return new ConfigGroup(name, targets, Optional.of(weights), input, Optional.empty(), Optional.empty());
    }

    static ConfigGroup read(String name, JsonField group) {
        group.requireOnly(FIELDS);
        return read(name, group, group.get("targets").elements().stream().map(Target::read).toList());
    }

    /**
     * Reads a group that a preset describes, which is a group's JSON without targets.
     *
     * @param name what the group is to be called
     * @param file where the preset is from, for messages
     * @param targets which layers it is for
     * @throws org.quantado.schemes.checkpoint.CheckpointException if compressed-tensors would refuse it
     */
    public static ConfigGroup readPreset(String name, Path file, ObjectNode preset, List<Target> targets) {
        JsonField group = JsonField.root(file, preset);
        group.requireOnly(PRESET_FIELDS);
        return read(name, group, targets);
    }

    private static ConfigGroup read(String name, JsonField group, List<Target> targets) {
        ConfigGroup read = new ConfigGroup(name, targets, args(group.get("weights")),
                args(group.get("input_activations")),
                args(group.get("output_activations")),
                Optional.of(group.get("format")).filter(JsonField::isPresent).map(CompressionFormat::read));
        read.requireConsistent(group);
        return read;
    }

    private static Optional<QuantizationArgs> args(JsonField field) {
        return Optional.of(field).filter(JsonField::isPresent).map(QuantizationArgs::read);
    }

    private void requireConsistent(JsonField group) {
        inputActivations.map(QuantizationArgs::strategy).ifPresent(strategy -> {
            if (strategy == QuantizationStrategy.CHANNEL || strategy == QuantizationStrategy.BLOCK) {
                throw group.get("input_activations").get("strategy").error(strategy.jsonName(),
                        "another (Using "
                                + strategy.jsonName()
                                + " strategy is not supported for activation quantization)");
            }
        });
        requireNoActorder(group.get("input_activations"), inputActivations, "input");
        requireNoActorder(group.get("output_activations"), outputActivations, "output");
        if (format.equals(Optional.of(CompressionFormat.MIXED_PRECISION))) {
            throw group.get("format").refuse(
                    "another (mixed-precision cannot be set as a format for a QuantizationScheme)");
        }
    }

    private static void requireNoActorder(JsonField field, Optional<QuantizationArgs> args, String which) {
        if (args.flatMap(QuantizationArgs::actorder).isPresent()) {
            throw field.get("actorder").refuse("none (Cannot apply actorder to " + which + " activations)");
        }
    }

    /** As compressed-tensors writes it. */
    ObjectNode toJson() {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        ArrayNode targetTexts = json.putArray("targets");
        targets.forEach(target -> targetTexts.add(target.text()));
        json.set("weights", toJson(weights));
        json.set("input_activations", toJson(inputActivations));
        json.set("output_activations", toJson(outputActivations));
        json.put("format", format.map(CompressionFormat::jsonName).orElse(null));
        return json;
    }

    private static ObjectNode toJson(Optional<QuantizationArgs> args) {
        return args.map(QuantizationArgs::toJson).orElse(null);
    }
}
