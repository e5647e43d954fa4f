package org.quantado.schemes.config;

import java.util.Arrays;
import java.util.Locale;

/** Kind of number that a code stands for. */
public enum QuantizationType implements JsonName {
    /** An integer of {@code num_bits} bits. */
    INT("int"),
    /** E4M3 at 8 bits, E2M1 at 4. */
    FLOAT("float"),
    /** One of 16 quantiles of a normal distribution. Not a type of compressed-tensors. */
    NF4("nf4"),
    /** One of 16 floats of bitsandbytes' own. Not a type of compressed-tensors. */
    FP4("fp4");

    private static final QuantizationType[] OF_COMPRESSED_TENSORS = {INT, FLOAT};

    private final String jsonName;

    QuantizationType(String jsonName) {
        this.jsonName = jsonName;
    }

    @Override
    public String jsonName() {
        return jsonName;
    }

    /** Whether a config of compressed-tensors can name it. */
    public boolean isOfCompressedTensors() {
        return Arrays.asList(OF_COMPRESSED_TENSORS).contains(this);
    }

    static QuantizationType read(JsonField field) {
        return field.constant(OF_COMPRESSED_TENSORS, field.string().toLowerCase(Locale.ROOT));
    }
}
