package org.quantado.models.decoder;

import java.util.List;
import java.util.OptionalInt;

/**
 * Something of a layer that can be read while it runs.
 *
 * @param name of the place in the layer: {@code qkv}, {@code keys}, {@code down} and so on
 * @param kind what is read there
 * @param modules the linear layers whose inputs or outputs these are, by their full names; outputs lie one after another
 * @param expert whose they are, where each expert has its own
 */
public record TapPoint(String name, Kind kind, List<String> modules, OptionalInt expert) {
    /** Keys as they go into the cache: turned. */
    public static final String KEYS = LayerModules.KEYS;
    /** Values as they go into the cache. */
    public static final String VALUES = LayerModules.VALUES;
    /** What attention gives. */
    public static final String ATTENDED = LayerModules.ATTENDED;
    /** What the MLP or the block of experts gives. */
    public static final String BLOCK = LayerModules.BLOCK;

    /** Inputs of gate and up, or of all experts. */
    public static final String GATE_UP = LayerModules.GATE_UP;
    /** Inputs of the down of shared experts. */
    public static final String SHARED_DOWN = LayerModules.SHARED_DOWN;
    /** Outputs of gate and up, of a layer without experts or of one expert. */
    public static final String GATE_UP_OUTPUT = outputOf(LayerModules.GATE_UP);
    /** Outputs of down, of a layer without experts or of one expert. */
    public static final String DOWN_OUTPUT = outputOf(LayerModules.DOWN);
    /** Outputs of gate and up of shared experts. */
    public static final String SHARED_GATE_UP_OUTPUT = outputOf(LayerModules.SHARED_GATE_UP);
    /** Outputs of the down of shared experts. */
    public static final String SHARED_DOWN_OUTPUT = outputOf(LayerModules.SHARED_DOWN);

    /** What can be read. */
    public enum Kind {
        /** What linear layers are given, all of them the same. */
        INPUT,
        /** What linear layers give. */
        OUTPUT,
        /** What is computed in between. */
        STATE
    }

    public TapPoint {
        modules = List.copyOf(modules);
    }

    static TapPoint input(String name, List<String> modules) {
        return new TapPoint(name, Kind.INPUT, modules, OptionalInt.empty());
    }

    static TapPoint output(String name, List<String> modules) {
        return new TapPoint(outputOf(name), Kind.OUTPUT, modules, OptionalInt.empty());
    }

    static TapPoint state(String name) {
        return new TapPoint(name, Kind.STATE, List.of(), OptionalInt.empty());
    }

    TapPoint ofExpert(int number) {
        return new TapPoint(name, kind, modules, OptionalInt.of(number));
    }

    /** What the outputs of linear layers are called. */
    static String outputOf(String name) {
        return name + "Output";
    }
}
