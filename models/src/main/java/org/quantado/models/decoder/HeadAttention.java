package org.quantado.models.decoder;

import java.util.Optional;

import org.quantado.kernels.attention.Attention;
import org.quantado.kernels.attention.Rope;
import org.quantado.kernels.graph.Heads;
import org.quantado.kernels.graph.Rows;
import org.quantado.kernels.matmul.PreparedLinear;
import org.quantado.kernels.norm.Norm;
import org.quantado.models.family.AttentionSpec;

/**
 * Attention whose queries, keys and values come straight from the input.
 *
 * @param qkv the three, one after another
 * @param qNorm of queries, over what the spec says
 * @param kNorm of keys
 */
record HeadAttention(AttentionSpec.OfHeads spec, PreparedLinear qkv, Optional<Norm> qNorm, Optional<Norm> kNorm,
        Rope rope, Attention attention, PreparedLinear output) implements PreparedAttention {
    @Override
    public void enter(Resources resources) {
        resources.matmul(qkv.matmul()).matmul(output.matmul()).floats(rope.table().cos()).floats(rope.table().sin())
                .ints(attention.windows());
        qNorm.ifPresent(resources::norm);
        kNorm.ifPresent(resources::norm);
        attention.sinks().ifPresent(resources::floats);
    }

    @Override
    public void addTo(LayerRows layer, Rows x, Rows y) {
        int size = spec.headSize();
        int queries = spec.heads() * size;
        int keys = spec.kvHeads() * size;
        Rows made = layer.rows(queries + 2 * keys);
        layer.tap(LayerModules.QKV, x);
        qkv.addTo(layer.graph(), "qkv", x, layer.blocks(), made);
        layer.tap(TapPoint.outputOf(LayerModules.QKV), made);
        Heads q = turned(layer, "q", Heads.at(made, 0, spec.heads(), size), qNorm);
        Heads k = turned(layer, "k", Heads.at(made, queries, spec.kvHeads(), size), kNorm);
        Heads v = Heads.at(made, queries + keys, spec.kvHeads(), size);
        layer.tap(LayerModules.KEYS, k);
        layer.tap(LayerModules.VALUES, v);
        layer.cache().append(layer.graph(), "append", k, v, layer.places(), layer.number());
        Rows seen = layer.rows(queries);
        attention.addTo(layer.graph(), "attend", q, layer.cache(), layer.places(), layer.number(),
                Heads.of(seen, spec.heads()));
        layer.tap(LayerModules.OUTPUT, seen);
        output.addTo(layer.graph(), "output", seen, layer.blocks(), y);
        layer.tap(TapPoint.outputOf(LayerModules.OUTPUT), y);
    }

    private Heads turned(LayerRows layer, String name, Heads heads, Optional<Norm> norm) {
        Heads normed = norm.map(some -> {
            Heads result = Heads.of(layer.rows(heads.count() * heads.size()), heads.count());
            some.addTo(layer.graph(), name + "Norm", grouped(heads), layer.number(), grouped(result));
            return result;
        }).orElse(heads);
        Heads result = Heads.of(layer.rows(heads.count() * heads.size()), heads.count());
        rope.addTo(layer.graph(), name + "Rope", normed, layer.ropeRows(), result);
        return result;
    }

    /** Heads as they are normalized: each, or all as one. */
    private Heads grouped(Heads heads) {
        return spec.qkNorm() == AttentionSpec.QkNorm.ALL_HEADS
                ? Heads.at(heads.rows(), heads.first(), 1, heads.count() * heads.size())
                : heads;
    }
}
