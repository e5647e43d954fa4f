package org.quantado.schemes.quantize;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToLongFunction;
import java.util.stream.Stream;

/**
 * Layers that are quantized together: those that share a global scale, which are also the parts that one expert is stacked
 * of.
 */
record Unit(List<PlannedLayer> layers) {
    Unit {
        layers = List.copyOf(layers);
    }

    /** The units of layers, each where its first layer is. */
    static List<Unit> of(Stream<PlannedLayer> layers) {
        Map<List<String>, List<PlannedLayer>> units = new LinkedHashMap<>();
        layers.forEach(layer -> units.computeIfAbsent(layer.together(), _ -> new ArrayList<>()).add(layer));
        return units.values().stream().map(Unit::new).toList();
    }

    /**
     * Units that follow one another, in as many packs as it takes.
     *
     * @param bytes of a layer
     * @param most of a pack, if it has more than one unit
     */
    static List<List<Unit>> pack(List<Unit> units, ToLongFunction<PlannedLayer> bytes, long most) {
        List<List<Unit>> packs = new ArrayList<>();
        long room = 0;
        for (Unit unit : units) {
            long size = unit.layers.stream().mapToLong(bytes).sum();
            if (packs.isEmpty() || size > room) {
                packs.add(new ArrayList<>());
                room = most;
            }
            packs.getLast().add(unit);
            room -= size;
        }
        return packs;
    }
}
