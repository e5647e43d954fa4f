package org.quantado.models.decoder;

import java.util.Optional;

import org.quantado.kernels.attention.Attention;
import org.quantado.kernels.attention.HeadCopy;
import org.quantado.kernels.attention.Rope;
import org.quantado.kernels.graph.Heads;
import org.quantado.kernels.graph.Rows;
import org.quantado.kernels.matmul.PreparedLinear;
import org.quantado.kernels.norm.Norm;
import org.quantado.models.family.AttentionSpec;

/**
 * Attention whose keys and values come from a latent vector, beside which all heads share the part of the key that is
 * turned. The cache holds keys and values of all heads, as they come out of the latent.
 *
 * @param queryLatent from the input to the queries' latent, and its norm; empty where queries come from the input
 * @param query from latent or input to queries
 * @param keyValueLatent from the input to the latent of keys and values, and the part of the key that is turned
 * @param latentNorm of the former
 * @param keyValue from the latent to keys and values of all heads
 * @param queryRope turns the last elements of queries
 * @param keyRope turns the part of the key
 */
record LatentAttention(AttentionSpec.Latent spec, Optional<QueryLatent> queryLatent, PreparedLinear query,
        PreparedLinear keyValueLatent, Norm latentNorm, PreparedLinear keyValue, Rope queryRope, Rope keyRope,
        Attention attention, PreparedLinear output) implements PreparedAttention {
    /** From the input to the queries' latent, and its norm. */
    record QueryLatent(PreparedLinear linear, Norm norm) {
    }

    @Override
    public void enter(Resources resources) {
        queryLatent.ifPresent(latent -> resources.matmul(latent.linear.matmul()).norm(latent.norm));
        resources.matmul(query.matmul()).matmul(keyValueLatent.matmul()).norm(latentNorm).matmul(keyValue.matmul())
                .matmul(output.matmul()).floats(queryRope.table().cos()).floats(queryRope.table().sin())
                .ints(attention.windows());
    }

    @Override
    public void addTo(LayerRows layer, Rows x, Rows y) {
        layer.tap(LayerModules.KEY_VALUE_LATENT, x);
        Heads q = queries(layer, x);
        Rows latents = layer.rows(spec.rank() + spec.ropeSize());
        keyValueLatent.addTo(layer.graph(), "kvLatent", x, layer.blocks(), latents);
        layer.tap(TapPoint.outputOf(LayerModules.KEY_VALUE_LATENT), latents);
        Rows normed = layer.rows(spec.rank());
        latentNorm.addTo(layer.graph(), "kvNorm", Heads.at(latents, 0, 1, spec.rank()), layer.number(),
                Heads.whole(normed));
        layer.tap(LayerModules.KEY_VALUE, normed);
        int together = spec.plainSize() + spec.valueSize();
        Rows made = layer.rows(spec.heads() * together);
        keyValue.addTo(layer.graph(), "kv", normed, layer.blocks(), made);
        layer.tap(TapPoint.outputOf(LayerModules.KEY_VALUE), made);
        Heads keyValues = Heads.of(made, spec.heads());
        Heads turned = Heads.whole(layer.rows(spec.ropeSize()));
        keyRope.addTo(layer.graph(), "kRope", Heads.at(latents, spec.rank(), 1, spec.ropeSize()), layer.ropeRows(),
                turned);
        Heads k = Heads.of(layer.rows(spec.heads() * spec.keySize()), spec.heads());
        HeadCopy.addTo(layer.graph(), "kPlain", keyValues.part(0, spec.plainSize()), k.part(0, spec.plainSize()));
        HeadCopy.addTo(layer.graph(), "kTurned", turned, k.part(spec.plainSize(), spec.ropeSize()));
        Heads v = keyValues.part(spec.plainSize(), spec.valueSize());
        layer.tap(LayerModules.KEYS, k);
        layer.tap(LayerModules.VALUES, v);
        layer.cache().append(layer.graph(), "append", k, v, layer.places(), layer.number());
        Rows seen = layer.rows(spec.heads() * spec.valueSize());
        attention.addTo(layer.graph(), "attend", q, layer.cache(), layer.places(), layer.number(),
                Heads.of(seen, spec.heads()));
        layer.tap(LayerModules.OUTPUT, seen);
        output.addTo(layer.graph(), "output", seen, layer.blocks(), y);
        layer.tap(TapPoint.outputOf(LayerModules.OUTPUT), y);
    }

    private Heads queries(LayerRows layer, Rows x) {
        Rows input = queryLatent.map(latent -> {
            Rows made = layer.rows(spec.queryRank().getAsInt());
            Rows normed = layer.rows(made.width());
            latent.linear.addTo(layer.graph(), "qLatent", x, layer.blocks(), made);
            layer.tap(TapPoint.outputOf(LayerModules.QUERY_LATENT), made);
            latent.norm.addTo(layer.graph(), "qNorm", Heads.whole(made), layer.number(), Heads.whole(normed));
            layer.tap(LayerModules.QUERY, normed);
            return normed;
        }).orElse(x);
        Rows made = layer.rows(spec.heads() * spec.keySize());
        query.addTo(layer.graph(), "q", input, layer.blocks(), made);
        layer.tap(TapPoint.outputOf(LayerModules.QUERY), made);
        Heads turned = Heads.of(layer.rows(made.width()), spec.heads());
        queryRope.addTo(layer.graph(), "qRope", Heads.of(made, spec.heads()), layer.ropeRows(), turned);
        return turned;
    }
}
