package org.quantado.models.decoder;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.IntStream;

import org.quantado.kernels.attention.Attention;
import org.quantado.kernels.attention.Rope;
import org.quantado.kernels.attention.RopeTable;
import org.quantado.kernels.experts.ExpertMlp;
import org.quantado.kernels.experts.PreparedMlp;
import org.quantado.kernels.experts.PreparedMoe;
import org.quantado.kernels.graph.LayerNumber;
import org.quantado.kernels.matmul.FlavourChoice;
import org.quantado.kernels.matmul.PreparedLinear;
import org.quantado.kernels.norm.Norm;
import org.quantado.models.family.AttentionSpec;
import org.quantado.models.family.DecoderSpec;
import org.quantado.models.family.MlpSpec;
import org.quantado.models.family.NormSpec;
import org.quantado.models.family.RopeSpec;
import org.quantado.schemes.linear.SchemeException;

import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** Brings layers that are alike into the kernels' layout. */
final class StackBuilder {
    /** Of the norms of latents, whatever the config says. */
    private static final NormSpec LATENT_NORM = new NormSpec(1e-6f, 0);

    private final DecoderSpec spec;
    private final int positions;
    private final FlavourChoice flavour;
    private final Map<RopeSpec, RopeTable> tables = new LinkedHashMap<>();

    /** @param positions of the longest context that is to be run */
    StackBuilder(DecoderSpec spec, int positions, FlavourChoice flavour) {
        this.spec = spec;
        this.positions = positions;
        this.flavour = flavour;
    }

    /** The angles of the layers so far; all of them have the same rows. */
    RopeTable table() {
        RopeTable first = tables.values().iterator().next();
        if (tables.values().stream().anyMatch(table -> table.otherFrom() != first.otherFrom())) {
            throw new IllegalArgumentException("layers whose frequencies depend on the length beside others");
        }
        return first;
    }

    /**
     * The layers of one kind.
     *
     * @param name of the stack, unique in the model
     * @param cacheScales {@code [2, L]}
     * @throws SchemeException if their weights do not fit the kernels
     */
    LayerStack stack(String name, List<LayerModules> layers, float[] cacheScales) {
        LayerNumber number = LayerNumber.of(layers.size());
        List<Norm> norms = IntStream.range(0, layers.getFirst().norms().size())
                .mapToObj(i -> norm(layers, layer -> layer.norms().get(i), spec.norm())).toList();
        return new LayerStack(name, layers.stream().map(LayerModules::spec).toList(), number, norms,
                attention(layers, number), block(layers, number), FloatArray.fromArray(cacheScales));
    }

    private static Norm norm(List<LayerModules> layers, Function<LayerModules, float[]> weight, NormSpec norm) {
        int size = weight.apply(layers.getFirst()).length;
        return Norm.rms(size, norm.epsilon(), norm.weightOffset(), joined(layers, weight));
    }

    /** What layers have, one layer below the other. */
    private static FloatArray joined(List<LayerModules> layers, Function<LayerModules, float[]> part) {
        int size = part.apply(layers.getFirst()).length;
        FloatArray all = new FloatArray(Math.multiplyExact(layers.size(), size));
        for (int layer = 0; layer < layers.size(); layer++) {
            float[] values = part.apply(layers.get(layer));
            for (int i = 0; i < size; i++) {
                all.set(layer * size + i, values[i]);
            }
        }
        return all;
    }

    private PreparedAttention attention(List<LayerModules> layers, LayerNumber number) {
        AttentionSpec attention = layers.getFirst().spec().attention();
        IntArray windows = new IntArray(layers.size());
        for (int i = 0; i < windows.getSize(); i++) {
            windows.set(i, layers.get(i).spec().window());
        }
        Optional<FloatArray> sinks = layers.getFirst().sinks()
                .map(first -> joined(layers, layer -> layer.sinks().orElseThrow()));
        Attention kernel = new Attention(attention.scale(), attention.softCap(), windows, sinks);
        return switch (attention) {
            case AttentionSpec.OfHeads heads -> new HeadAttention(heads, linear(layers, LayerModules.QKV, number),
                    innerNorm(layers, LayerModules.Q_NORM, spec.norm()),
                    innerNorm(layers, LayerModules.K_NORM, spec.norm()), rope(heads.rope(), 0), kernel,
                    linear(layers, LayerModules.OUTPUT, number));
            case AttentionSpec.Latent latent -> new LatentAttention(latent,
                    innerNorm(layers, LayerModules.Q_NORM, LATENT_NORM).map(norm -> new LatentAttention.QueryLatent(
                            linear(layers, LayerModules.QUERY_LATENT, number), norm)),
                    linear(layers, LayerModules.QUERY, number), linear(layers, LayerModules.KEY_VALUE_LATENT, number),
                    innerNorm(layers, LayerModules.K_NORM, LATENT_NORM).orElseThrow(),
                    linear(layers, LayerModules.KEY_VALUE, number), rope(latent.rope(), latent.plainSize()),
                    rope(latent.rope(), 0), kernel, linear(layers, LayerModules.OUTPUT, number));
        };
    }

    private Optional<Norm> innerNorm(List<LayerModules> layers, String role, NormSpec norm) {
        return Optional.ofNullable(layers.getFirst().innerNorm(role))
                .map(first -> norm(layers, layer -> layer.innerNorm(role), norm));
    }

    private Rope rope(RopeSpec rope, int first) {
        RopeTable table = tables.computeIfAbsent(rope,
                some -> RopeTable.of(some.size(), some.base(), some.scaling(), positions));
        return new Rope(table, first, rope.interleaved());
    }

    private PreparedLinear linear(List<LayerModules> layers, String role, LayerNumber number) {
        return LinearModule.prepare(modules(layers, role), number, flavour);
    }

    private static List<LinearModule> modules(List<LayerModules> layers, String role) {
        return layers.stream().map(layer -> layer.linear(role)).toList();
    }

    private PreparedBlock block(List<LayerModules> layers, LayerNumber number) {
        LayerModules first = layers.getFirst();
        try {
            return first.spec().mlp().<PreparedBlock>map(mlp -> mlp(layers, mlp, number))
                    .orElseGet(() -> experts(layers, number));
        } catch (IllegalArgumentException e) {
            throw new SchemeException("layers '" + first.spec().module() + "' to '" + layers.getLast().spec().module()
                    + "': " + e.getMessage());
        }
    }

    private PreparedBlock mlp(List<LayerModules> layers, MlpSpec mlp, LayerNumber number) {
        List<LinearModule> gateUp = modules(layers, LayerModules.GATE_UP);
        List<LinearModule> down = modules(layers, LayerModules.DOWN);
        return new PreparedBlock.Mlp(new PreparedMlp(
                new ExpertMlp(LinearModule.weights(gateUp), LinearModule.weights(down), mlp.activation(),
                        LinearModule.quantizer(gateUp, number), LinearModule.quantizer(down, number)),
                flavour));
    }

    private PreparedBlock experts(List<LayerModules> layers, LayerNumber number) {
        List<MoeModule> blocks = layers.stream().map(layer -> layer.experts().orElseThrow()).toList();
        MoeModule first = blocks.getFirst();
        return new PreparedBlock.Experts(new PreparedMoe(first.method()
                .assemble(blocks.stream().map(MoeModule::parameters).toList(), first.activations(), number), flavour));
    }
}
