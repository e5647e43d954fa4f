package org.quantado.models.family;

import org.quantado.moe.family.LanguageConfig;

/** A number that a family computes from the config. */
@FunctionalInterface
interface Factor {
    Factor ONE = config -> 1;

    double of(LanguageConfig config);

    /** A field. */
    static Factor field(String name, double byDefault) {
        return config -> config.number(name).orElse(byDefault);
    }

    /** 1 over it. */
    default Factor inverse() {
        return config -> 1 / of(config);
    }

    /** The root of it. */
    default Factor root() {
        return config -> Math.sqrt(of(config));
    }
}
