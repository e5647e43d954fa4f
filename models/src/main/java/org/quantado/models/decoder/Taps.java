package org.quantado.models.decoder;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

import org.quantado.kernels.attention.HeadCopy;
import org.quantado.kernels.graph.Heads;
import org.quantado.kernels.graph.LayerGraph;
import org.quantado.kernels.graph.RowBatch;
import org.quantado.kernels.graph.Rows;

/**
 * What a graph brings to the host besides its result: what goes into a layer's linear layers, its keys and values. Not
 * thread-safe.
 */
final class Taps {
    /** Nothing is read. */
    static final Taps NONE = new Taps(Set.of());

    private final Set<String> wanted;
    private final Map<String, Rows> read = new LinkedHashMap<>();

    /** @param wanted names of what is read */
    Taps(Set<String> wanted) {
        this.wanted = Set.copyOf(wanted);
    }

    /** Adds a copy of some columns, if they are wanted: they may be overwritten before the graph ends. */
    void add(LayerGraph graph, RowBatch batch, String name, Heads heads) {
        if (wanted.contains(name)) {
            Rows copy = LayerRows.rows(graph, batch, heads.count() * heads.size());
            HeadCopy.addTo(graph, name + "Tap", heads, Heads.of(copy, heads.count()));
            graph.outputs(copy.values());
            read.put(name, copy);
        }
    }

    /** What was read, by name; of as many rows as the batch says. */
    Map<String, Rows> read() {
        return Collections.unmodifiableMap(read);
    }
}
