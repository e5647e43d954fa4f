package org.quantado.schemes.config;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.util.Locale;

/** When the scales of an activation are found. */
public enum DynamicType {
    /** Once, by calibration; they are in the checkpoint. JSON {@code false}. */
    STATIC,
    /** For every input anew. JSON {@code true}. */
    DYNAMIC,
    /** The groups' scales for every input anew, the tensor's scale once. JSON {@code "local"}. */
    LOCAL;

    private static final String LOCAL_NAME = "local";

    /** Whether any scale is found while running. */
    public boolean isDynamic() {
        return this != STATIC;
    }

    /** A Boolean or a string. */
    JsonNode toJson() {
        return this == LOCAL ? TextNode.valueOf(LOCAL_NAME) : BooleanNode.valueOf(isDynamic());
    }

    static DynamicType read(JsonField field) {
        if (field.node().isBoolean()) {
            return field.bool() ? DYNAMIC : STATIC;
        }
        if (field.node().isTextual() && field.string().toLowerCase(Locale.ROOT).equals(LOCAL_NAME)) {
            return LOCAL;
        }
        throw field.refuse("true, false or \"local\"");
    }
}
