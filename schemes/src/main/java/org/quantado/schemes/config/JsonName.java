package org.quantado.schemes.config;

import java.util.Arrays;
import java.util.stream.Collectors;

/** A constant that has a name of its own in JSON. */
public interface JsonName {
    /** The name as it stands in a file. */
    String jsonName();

    /** The constant that {@code text} names. */
    static <E extends JsonName> E read(E[] constants, JsonField field, String text) {
        return Arrays.stream(constants).filter(constant -> constant.jsonName().equals(text)).findFirst()
                .orElseThrow(() -> field.refuse("one of "
                        + Arrays.stream(constants).map(JsonName::jsonName)
                                .collect(Collectors.joining(", "))));
    }
}
