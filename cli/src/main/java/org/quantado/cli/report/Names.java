package org.quantado.cli.report;

import java.util.Locale;

/** Constants as they are written on the command line and in JSON. */
public final class Names {
    private Names() {
    }

    public static String of(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }
}
