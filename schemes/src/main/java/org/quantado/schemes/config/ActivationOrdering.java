package org.quantado.schemes.config;

import java.util.Locale;

/** Whether columns were ordered by their activations when a weight was quantized. */
public enum ActivationOrdering implements JsonName {
    /** Columns of a group are scattered, and {@code weight_g_idx} tells the group of each. */
    GROUP("group"),
    /** Columns stayed where they were; nothing to do when the weight is read. */
    WEIGHT("weight");

    private final String jsonName;

    ActivationOrdering(String jsonName) {
        this.jsonName = jsonName;
    }

    @Override
    public String jsonName() {
        return jsonName;
    }

    /** The ordering, or null for none. */
    static ActivationOrdering read(JsonField field) {
        if (field.node().isBoolean()) {
            return field.bool() ? GROUP : null;
        }
        String name = field.string().toLowerCase(Locale.ROOT);
        return field.constant(values(), switch (name) {
            case "dynamic" -> GROUP.jsonName;
            case "static" -> WEIGHT.jsonName;
            default -> name;
        });
    }
}
