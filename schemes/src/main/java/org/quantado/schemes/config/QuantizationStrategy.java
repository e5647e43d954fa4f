package org.quantado.schemes.config;

import java.util.Locale;

/** What shares one scale. */
public enum QuantizationStrategy implements JsonName {
    /** The whole tensor. */
    TENSOR("tensor"),
    /** A row of a weight. */
    CHANNEL("channel"),
    /** {@code group_size} neighbours in a row. */
    GROUP("group"),
    /** A tile of {@code block_structure}. */
    BLOCK("block"),
    /** A row of an activation. */
    TOKEN("token"),
    /** As group, with one more scale for the whole tensor. */
    TENSOR_GROUP("tensor_group"),
    /** A head of attention. */
    ATTN_HEAD("attn_head");

    private final String jsonName;

    QuantizationStrategy(String jsonName) {
        this.jsonName = jsonName;
    }

    @Override
    public String jsonName() {
        return jsonName;
    }

    /** Whether it is {@link #GROUP} or {@link #TENSOR_GROUP}. */
    public boolean hasGroups() {
        return this == GROUP || this == TENSOR_GROUP;
    }

    static QuantizationStrategy read(JsonField field) {
        return field.constant(values(), field.string().toLowerCase(Locale.ROOT));
    }
}
