package org.quantado.models.family;

import java.util.List;

import org.quantado.moe.family.LanguageConfig;

/** Which layers see a window of positions only. */
@FunctionalInterface
interface Windows {
    String WINDOW = "sliding_window";
    String LAYER_TYPES = "layer_types";
    String SLIDING = "sliding_attention";
    String FULL = "full_attention";

    /** None. */
    Windows NONE = (config, layer) -> 0;

    /** Positions that a layer sees; 0 for all. */
    int of(LanguageConfig config, int layer);

    /**
     * All layers, where {@code sliding_window} is set.
     *
     * @param byDefault where the config does not have the field; 0 for all positions
     */
    static Windows always(int byDefault) {
        return (config, layer) -> config.has(WINDOW) ? config.count(WINDOW, layer).orElse(0) : byDefault;
    }

    /**
     * The layers that {@code layer_types} names; without it those that a rule does.
     *
     * @param byDefault the window where the config does not have {@code sliding_window}
     */
    static Windows byType(int byDefault, Rule rule) {
        return (config, layer) -> slides(config, layer, rule) ? always(byDefault).of(config, layer) : 0;
    }

    /** As {@link #byType}, where {@code use_sliding_window} is true; else none. */
    static Windows switched(int byDefault, Rule rule) {
        return (config, layer) -> config.bool("use_sliding_window").orElse(false)
                ? byType(byDefault, rule).of(config, layer)
                : 0;
    }

    /** Whether a layer slides. */
    static boolean slides(LanguageConfig config, int layer, Rule rule) {
        return config.texts(LAYER_TYPES).map(types -> {
            String type = layer < types.size() ? types.get(layer) : "nothing for layer " + layer;
            if (!List.of(SLIDING, FULL).contains(type)) {
                throw config.wrong(LAYER_TYPES, type, SLIDING + " or " + FULL + " for each layer");
            }
            return type.equals(SLIDING);
        }).orElseGet(() -> rule.slides(config, layer));
    }

    /** Which layers slide where {@code layer_types} does not say. */
    @FunctionalInterface
    interface Rule {
        /** The first and each second from there. */
        Rule EVEN = (config, layer) -> layer % 2 == 0;

        /** Those from {@code max_window_layers} on. */
        Rule FROM_MAX_WINDOW_LAYERS = (config, layer) -> layer >= config.integer("max_window_layers").orElse(28);

        /** All but each {@code sliding_window_pattern}-th, where the field has one of two names. */
        Rule PATTERN = (config, layer) -> (layer + 1) % config.count("sliding_window_pattern", layer)
                .orElseGet(() -> config.count("_sliding_window_pattern", layer).orElse(6)) != 0;

        /** Nothing is known. */
        Rule REFUSED = (config, layer) -> {
            throw config.wrong(LAYER_TYPES, "nothing", "the type of each layer, where use_sliding_window is true");
        };

        /** All. */
        Rule ALL = (config, layer) -> true;

        boolean slides(LanguageConfig config, int layer);
    }
}
