package org.quantado.models.decoder;

import java.util.List;
import java.util.OptionalInt;

/**
 * Something of a layer that can be read while it runs.
 *
 * @param name of the place in the layer: {@code qkv}, {@code keys}, {@code down} and so on
 * @param modules the modules that have it as their input, by their full names; none for keys and values
 * @param expert whose input it is, where each expert has its own
 */
public record TapPoint(String name, List<String> modules, OptionalInt expert) {
    /** Keys as they go into the cache: turned. */
    public static final String KEYS = LayerModules.KEYS;
    /** Values as they go into the cache. */
    public static final String VALUES = LayerModules.VALUES;

    public TapPoint {
        modules = List.copyOf(modules);
    }

    static TapPoint of(String name, List<String> modules) {
        return new TapPoint(name, modules, OptionalInt.empty());
    }

    static TapPoint ofExpert(String name, List<String> modules, int expert) {
        return new TapPoint(name, modules, OptionalInt.of(expert));
    }
}
