package org.quantado.cli;

import java.util.Locale;

/** Constants as they are written on the command line and in JSON. */
final class Names {
    private Names() {
    }

    static String of(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }
}
