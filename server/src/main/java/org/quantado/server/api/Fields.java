package org.quantado.server.api;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.IntStream;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** The fields of a JSON object. Each is read and checked, or refused by name; null is as if it were not there. */
final class Fields {
    private static final int SHOWN = 60;

    private final ObjectNode object;
    /** How the object is called before its fields' names. */
    private final String prefix;
    private final Set<String> known = new HashSet<>();

    private Fields(ObjectNode object, String prefix) {
        this.object = object;
        this.prefix = prefix;
    }

    /** Those of a body. */
    static Fields of(ObjectNode object) {
        return new Fields(object, "");
    }

    /**
     * Those of an object within one.
     *
     * @param name of it, for errors
     */
    static Fields of(JsonNode node, String name) {
        if (!(node instanceof ObjectNode object)) {
            throw ApiException.invalid(name, "found " + shown(node) + ", expected an object");
        }
        return new Fields(object, name + ".");
    }

    static String shown(JsonNode node) {
        String text = node.toString();
        return text.length() <= SHOWN ? text : text.substring(0, SHOWN) + "...";
    }

    String name(String field) {
        return prefix + field;
    }

    /** A field as it is, if it is there. */
    Optional<JsonNode> node(String field) {
        known.add(field);
        return Optional.ofNullable(object.get(field)).filter(value -> !value.isNull());
    }

    private ApiException wrong(String field, JsonNode found, String expected) {
        return ApiException.invalid(name(field), "found " + shown(found) + ", expected " + expected);
    }

    OptionalInt integer(String field, int least, int most) {
        OptionalLong value = integer64(field, least, most);
        return value.isPresent() ? OptionalInt.of((int) value.getAsLong()) : OptionalInt.empty();
    }

    OptionalLong integer64(String field, long least, long most) {
        Optional<JsonNode> node = node(field);
        if (node.isEmpty()) {
            return OptionalLong.empty();
        }
        if (!node.get().isIntegralNumber() || !node.get().canConvertToLong() || node.get().longValue() < least
                || node.get().longValue() > most) {
            throw wrong(field, node.get(), "an integer from " + least + " to " + most);
        }
        return OptionalLong.of(node.get().longValue());
    }

    OptionalDouble number(String field, double least, double most) {
        Optional<JsonNode> node = node(field);
        if (node.isEmpty()) {
            return OptionalDouble.empty();
        }
        if (!node.get().isNumber() || !(node.get().doubleValue() >= least) || node.get().doubleValue() > most) {
            throw wrong(field, node.get(), "a number from " + least + " to " + most);
        }
        return OptionalDouble.of(node.get().doubleValue());
    }

    Optional<Boolean> bool(String field) {
        Optional<JsonNode> node = node(field);
        if (node.isPresent() && !node.get().isBoolean()) {
            throw wrong(field, node.get(), "true or false");
        }
        return node.map(JsonNode::booleanValue);
    }

    Optional<String> text(String field) {
        return node(field).map(node -> text(field, node));
    }

    String requiredText(String field) {
        return text(field).orElseThrow(() -> missing(field));
    }

    ApiException missing(String field) {
        return ApiException.invalid(name(field), "it is missing");
    }

    private String text(String field, JsonNode node) {
        if (!node.isTextual()) {
            throw wrong(field, node, "a string");
        }
        String text = node.textValue();
        if (text.codePoints().anyMatch(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE)) {
            throw ApiException.invalid(name(field), "found half of a surrogate pair, expected Unicode");
        }
        return text;
    }

    /** A string, or a list of them. */
    List<String> texts(String field) {
        Optional<JsonNode> node = node(field);
        if (node.isEmpty()) {
            return List.of();
        }
        return node.get().isArray()
                ? IntStream.range(0, node.get().size())
                        .mapToObj(i -> text(field + "[" + i + "]", node.get().get(i))).toList()
                : List.of(text(field, node.get()));
    }

    /** A list, empty if it is not there. */
    List<JsonNode> list(String field, int most) {
        Optional<JsonNode> node = node(field);
        if (node.isEmpty()) {
            return List.of();
        }
        if (!node.get().isArray()) {
            throw wrong(field, node.get(), "a list");
        }
        if (node.get().size() > most) {
            throw ApiException.invalid(name(field),
                    "found " + node.get().size() + " elements, expected at most " + most);
        }
        List<JsonNode> list = new ArrayList<>();
        node.get().forEach(list::add);
        return list;
    }

    /** A field that is honoured by what happens anyway, if it has this value. */
    void only(String field, JsonNode value) {
        node(field).filter(found -> !found.equals(value) && !sameNumber(found, value)).ifPresent(found -> {
            throw ApiException.unsupported(name(field), "found " + shown(found) + ", of which this server knows only "
                    + value);
        });
    }

    private static boolean sameNumber(JsonNode one, JsonNode other) {
        return one.isNumber() && other.isNumber() && one.doubleValue() == other.doubleValue();
    }

    /** Refuses fields that nobody asked for. */
    void refuseOthers() {
        object.properties().stream().filter(entry -> !entry.getValue().isNull() && !known.contains(entry.getKey()))
                .findFirst().ifPresent(entry -> {
                    String field = entry.getKey().length() <= SHOWN
                            ? entry.getKey()
                            : entry.getKey().substring(0, SHOWN) + "...";
                    throw ApiException.unsupported(name(field), "this server does not honour such a field");
                });
    }
}
