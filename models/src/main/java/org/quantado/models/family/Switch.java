package org.quantado.models.family;

import org.quantado.moe.family.LanguageConfig;

/** Something that a family has, has not, or has where a field of the config says so. */
@FunctionalInterface
interface Switch {
    Switch ON = config -> true;
    Switch OFF = config -> false;

    boolean isOn(LanguageConfig config);

    /** Where a field is true. */
    static Switch field(String name, boolean byDefault) {
        return config -> config.bool(name).orElse(byDefault);
    }

    /** Where a field is true; not without it. */
    static Switch field(String name) {
        return field(name, false);
    }
}
