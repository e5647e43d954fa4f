package org.quantado.moe.family;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Collectors;
import org.quantado.schemes.checkpoint.CheckpointException;
import org.quantado.schemes.checkpoint.JsonFile;

/**
 * The part of a {@code config.json} that describes a language model. Multimodal models keep it apart from the rest, see
 * {@link ModelPart}.
 *
 * @param file the file
 * @param path names that lead to the part, joined by dots; empty for all of it
 * @param node the part
 * @param modelType {@code model_type} of the part
 */
public record LanguageConfig(Path file, String path, JsonNode node, String modelType) {
    private static final String MODEL_TYPE = "model_type";

    /**
     * The facts of the language model, or the first of several.
     *
     * @throws CheckpointException if the file is wrong, or has no {@code model_type} or no such part
     */
    public static LanguageConfig read(Path file) {
        return of(file, parts -> parts.getFirst());
    }

    /**
     * The facts of the language model that a module is of.
     *
     * @param module name in the checkpoint, such as {@code thinker.model.layers.0.mlp}
     * @throws CheckpointException as {@link #read} does, or if the module is of no part that the config describes
     */
    public static LanguageConfig of(Path file, String module) {
        return of(file, parts -> parts.stream().filter(part -> part.has(module)).findFirst()
                .orElseThrow(() -> new CheckpointException(file, "layer " + CheckpointException.quote(module),
                        "a module of no language model that the config describes",
                        "a name that begins as one of " + parts.stream().flatMap(part -> part.prefixes().stream())
                                .map(prefix -> CheckpointException.quote(prefix + "layers.")).toList())));
    }

    /** Picks the part to read. */
    private interface Choice {
        ModelPart of(List<ModelPart> parts);
    }

    private static LanguageConfig of(Path file, Choice choice) {
        ObjectNode root = JsonFile.readObject(file);
        LanguageConfig whole = new LanguageConfig(file, "", root, "");
        String type = whole.text(MODEL_TYPE).orElseThrow(
                () -> new CheckpointException(file, MODEL_TYPE, "nothing",
                        "the type of the model: nothing is guessed"));
        ModelPart part = choice.of(ModelPart.of(type));
        JsonNode node = root;
        for (String name : part.path()) {
            node = node.path(name);
        }
        String path = String.join(".", part.path());
        if (!node.isObject()) {
            throw new CheckpointException(file, path, node.isMissingNode() ? "nothing" : "no object",
                    "the facts of the language model of " + CheckpointException.quote(type));
        }
        LanguageConfig found = new LanguageConfig(file, path, node, "");
        return new LanguageConfig(file, path, node,
                found.text(MODEL_TYPE).orElse(part.type()));
    }

    /** A string, where the field is there and not null. */
    public Optional<String> text(String name) {
        return find(name).map(found -> {
            require(name, found, found.isTextual(), "a string");
            return found.textValue();
        });
    }

    /** A truth value, where the field is there and not null. */
    public Optional<Boolean> bool(String name) {
        return find(name).map(found -> {
            require(name, found, found.isBoolean(), "true or false");
            return found.booleanValue();
        });
    }

    /** A finite number, where the field is there and not null. */
    public Optional<Double> number(String name) {
        return find(name).map(found -> {
            require(name, found, found.isNumber() && Double.isFinite(found.doubleValue()), "a number");
            return found.doubleValue();
        });
    }

    /** An integer, where the field is there and not null. */
    public OptionalInt integer(String name) {
        return find(name).map(found -> OptionalInt.of(integer(name, found))).orElse(OptionalInt.empty());
    }

    /** A positive integer, where the field is there and not null; of a list that has one for each layer, this layer's. */
    public OptionalInt count(String name, int layer) {
        return find(name).map(found -> {
            JsonNode ofLayer = found.isArray() ? found.path(layer) : found;
            require(name, found, ofLayer.isIntegralNumber() && ofLayer.canConvertToInt() && ofLayer.intValue() > 0,
                    found.isArray() ? "a list with a positive integer for layer " + layer : "a positive integer");
            return OptionalInt.of(ofLayer.intValue());
        }).orElse(OptionalInt.empty());
    }

    /** A list of integers, where the field is there and not null. */
    public Optional<List<Integer>> integers(String name) {
        return find(name).map(found -> {
            require(name, found, found.isArray(), "a list of integers");
            List<Integer> values = new ArrayList<>();
            found.forEach(value -> values.add(integer(name, value)));
            return values;
        });
    }

    /** A list of strings, where the field is there and not null. */
    public Optional<List<String>> texts(String name) {
        return find(name).map(found -> {
            require(name, found, found.isArray(), "a list of strings");
            List<String> values = new ArrayList<>();
            found.forEach(value -> {
                require(name, value, value.isTextual(), "a list of strings");
                values.add(value.textValue());
            });
            return values;
        });
    }

    /** A list of finite numbers, where the field is there and not null. */
    public Optional<List<Double>> numbers(String name) {
        return find(name).map(found -> {
            require(name, found, found.isArray(), "a list of numbers");
            List<Double> values = new ArrayList<>();
            found.forEach(value -> {
                require(name, value, value.isNumber() && Double.isFinite(value.doubleValue()), "a list of numbers");
                values.add(value.doubleValue());
            });
            return values;
        });
    }

    /** The fields of an object, where it is there and not null. */
    public Optional<LanguageConfig> part(String name) {
        return find(name).map(found -> {
            require(name, found, found.isObject(), "an object");
            return new LanguageConfig(file, path.isEmpty() ? name : path + "." + name, found, modelType);
        });
    }

    /** Whether a field is there, null or not. */
    public boolean has(String name) {
        return node.has(name);
    }

    /** Names of all fields that are not null. */
    public Set<String> names() {
        return node.properties().stream().filter(field -> !field.getValue().isNull()).map(Map.Entry::getKey)
                .collect(Collectors.toCollection(LinkedHashSet::new));
    }

    /** What may stand before {@code layers.0} in the names of the modules of the first language model of a file. */
    public static List<String> prefixes(Path file) {
        String type = new LanguageConfig(file, "", JsonFile.readObject(file), "").text(MODEL_TYPE).orElse("");
        return ModelPart.of(type).getFirst().prefixes();
    }

    /** Says in one line that a field has a value that cannot be used. */
    public CheckpointException wrong(String name, Object found, String expected) {
        return new CheckpointException(file, path.isEmpty() ? name : path + "." + name,
                CheckpointException.shorten(String.valueOf(found)), expected);
    }

    private Optional<JsonNode> find(String name) {
        return Optional.of(node.path(name)).filter(found -> !found.isMissingNode() && !found.isNull());
    }

    private int integer(String name, JsonNode found) {
        require(name, found, found.isIntegralNumber() && found.canConvertToInt(), "an integer");
        return found.intValue();
    }

    private void require(String name, JsonNode found, boolean isRight, String expected) {
        if (!isRight) {
            throw wrong(name, found, expected);
        }
    }
}
