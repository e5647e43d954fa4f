package org.quantado.schemes.config;

import java.util.Locale;

/** Kind of number that a code stands for. */
public enum QuantizationType implements JsonName {
    /** An integer of {@code num_bits} bits. */
    INT("int"),
    /** E4M3 at 8 bits, E2M1 at 4. */
    FLOAT("float");

    private final String jsonName;

    QuantizationType(String jsonName) {
        this.jsonName = jsonName;
    }

    @Override
    public String jsonName() {
        return jsonName;
    }

    static QuantizationType read(JsonField field) {
        return field.constant(values(), field.string().toLowerCase(Locale.ROOT));
    }
}
