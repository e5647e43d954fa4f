package org.quantado.schemes.config;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.quantado.schemes.checkpoint.CheckpointException;

/**
 * A value in a JSON file and the way to it, read without any conversion between types.
 *
 * @param file the file
 * @param path names and indices that lead to the value, joined by dots
 * @param node the value; a JSON null counts as absent
 */
public record JsonField(Path file, String path, JsonNode node) {
    /** The whole of a file. */
    public static JsonField root(Path file, ObjectNode object) {
        return new JsonField(file, "", object);
    }

    /** This value, unless it is absent. */
    public Optional<JsonField> optional() {
        return isPresent() ? Optional.of(this) : Optional.empty();
    }

    /** The member of this name of an object; absent if there is none. */
    public JsonField get(String name) {
        return new JsonField(file, path.isEmpty() ? name : path + "." + name, node.path(name));
    }

    /** Neither missing nor null. */
    public boolean isPresent() {
        return !node.isMissingNode() && !node.isNull();
    }

    /** Missing, which is not the same as null where there is a default. */
    boolean isMissing() {
        return node.isMissingNode();
    }

    /** The value, which must be a string. */
    public String string() {
        require(node.isTextual(), "a string");
        return node.textValue();
    }

    /** The value, which must be true or false. */
    public boolean bool() {
        require(node.isBoolean(), "true or false");
        return node.booleanValue();
    }

    /** The value, which must be an integer. */
    public int integer() {
        require(node.isIntegralNumber() && node.canConvertToInt(), "an integer");
        return node.intValue();
    }

    /** The value, which must be a number. */
    public double number() {
        require(node.isNumber(), "a number");
        return node.doubleValue();
    }

    /** The values of an array. */
    public List<JsonField> elements() {
        require(node.isArray(), "an array");
        List<JsonField> elements = new ArrayList<>();
        for (JsonNode element : node) {
            elements.add(new JsonField(file, path + "." + elements.size(), element));
        }
        return elements;
    }

    /** The values of an array of strings. */
    public List<String> strings() {
        return elements().stream().map(JsonField::string).toList();
    }

    /** The one of these constants that is called {@code name}, which is this string or what it is short for. */
    <E extends JsonName> E constant(E[] constants, String name) {
        return Arrays.stream(constants).filter(constant -> constant.jsonName().equals(name)).findFirst()
                .orElseThrow(() -> refuse("one of "
                        + Arrays.stream(constants).map(JsonName::jsonName)
                                .collect(Collectors.joining(", "))));
    }

    /** Members of an object by name, in the order of the file. */
    public Map<String, JsonField> members() {
        object();
        Map<String, JsonField> members = new LinkedHashMap<>();
        node.fieldNames().forEachRemaining(name -> members.put(name, get(name)));
        return members;
    }

    ObjectNode object() {
        require(node.isObject(), "an object");
        return (ObjectNode) node;
    }

    /** Refuses members that this kind of object does not have. */
    public void requireOnly(Set<String> names) {
        members().forEach((name, member) -> {
            if (!names.contains(name)) {
                throw member.error(member.shown() + " (Extra inputs are not permitted)",
                        "only " + String.join(", ", names.stream().sorted().toList()));
            }
        });
    }

    private void require(boolean holds, String expected) {
        if (!holds) {
            throw error(shown(), expected);
        }
    }

    /** A refusal of this very value. */
    public CheckpointException refuse(String expected) {
        return error(shown(), expected);
    }

    CheckpointException error(String found, String expected) {
        return new CheckpointException(file, CheckpointException.shorten(path), found, expected);
    }

    private String shown() {
        return node.isMissingNode()
                ? "nothing"
                : node.isTextual()
                        ? CheckpointException.quote(node.textValue())
                        : node.isContainerNode()
                                ? node.isObject() ? "an object" : "an array"
                                : CheckpointException.shorten(node.asText());
    }
}
