package org.quantado.models.decoder;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

import org.quantado.models.family.AttentionSpec;
import org.quantado.models.family.AttentionSpec.QkNorm;
import org.quantado.models.family.DecoderSpec;
import org.quantado.models.family.LayerSpec;
import org.quantado.models.family.MlpSpec;
import org.quantado.models.family.NormPlacement;
import org.quantado.moe.model.MoeLayer;
import org.quantado.schemes.checkpoint.CheckpointException;
import org.quantado.schemes.linear.LinearSpec.Partition;
import org.quantado.schemes.linear.LoadedParameters;

/** The modules of one layer, found in a checkpoint. */
final class LayerModules {
    static final String QKV = "qkv";
    static final String QUERY_LATENT = "queryLatent";
    static final String QUERY = "query";
    static final String KEY_VALUE_LATENT = "keyValueLatent";
    static final String KEY_VALUE = "keyValue";
    static final String OUTPUT = "output";
    static final String GATE_UP = "gateUp";
    static final String DOWN = "down";
    static final String SHARED_GATE_UP = "sharedGateUp";
    static final String SHARED_DOWN = "sharedDown";
    static final String KEYS = "keys";
    static final String VALUES = "values";
    static final String ATTENDED = "attended";
    static final String BLOCK = "block";
    static final String Q_NORM = "qNorm";
    static final String K_NORM = "kNorm";

    private static final String ATTENTION = "self_attn";
    private static final String MLP = "mlp";

    private final LayerSpec spec;
    private final int hidden;
    private final ModuleReader reader;
    private final Map<String, LinearModule> linears = new LinkedHashMap<>();
    private final List<float[]> norms = new ArrayList<>();
    private final Map<String, float[]> innerNorms = new LinkedHashMap<>();
    private final Optional<float[]> sinks;
    private final Optional<MoeModule> experts;

    /**
     * What layers must have in common to be run by one graph.
     *
     * @param attention how tokens look at others; windows may differ
     */
    record Kind(AttentionSpec attention, NormPlacement norms, Optional<MlpSpec> mlp, float residualFactor,
            List<LinearModule.Kind> linears, Optional<MoeModule.Kind> experts) {
    }

    /**
     * Finds them.
     *
     * @param blocks all blocks of experts of the model
     * @throws CheckpointException if something is missing or wrong
     */
    LayerModules(LayerSpec spec, DecoderSpec decoder, ModuleReader reader, Map<String, MoeLayer> blocks) {
        this.spec = spec;
        this.hidden = decoder.hidden();
        this.reader = reader;
        spec.norms().names().forEach(name -> norms.add(reader.norm(spec.module(name), hidden)));
        switch (spec.attention()) {
            case AttentionSpec.OfHeads heads -> findHeads(heads);
            case AttentionSpec.Latent latent -> findLatent(latent);
        }
        this.sinks = spec.attention().hasSinks()
                ? Optional.of(reader.floats(attention("sinks"), spec.attention().heads()))
                : Optional.empty();
        spec.mlp().ifPresent(this::findMlp);
        this.experts = spec.mlp().isPresent() ? Optional.empty() : Optional.of(findExperts(decoder, blocks));
    }

    private String attention(String name) {
        return spec.module(ATTENTION + "." + name);
    }

    private void findHeads(AttentionSpec.OfHeads heads) {
        int queries = heads.heads() * heads.headSize();
        int keys = heads.kvHeads() * heads.headSize();
        List<Partition> parts = heads.fused()
                ? List.of(new Partition(attention("qkv_proj"), queries + 2 * keys))
                : List.of(new Partition(attention("q_proj"), queries), new Partition(attention("k_proj"), keys),
                        new Partition(attention("v_proj"), keys));
        linears.put(QKV, reader.linear(attention("qkv_proj"), hidden, parts, heads.qkvBias()));
        find(OUTPUT, attention("o_proj"), queries, hidden, heads.outputBias());
        if (heads.qkNorm() != QkNorm.NONE) {
            boolean together = heads.qkNorm() == QkNorm.ALL_HEADS;
            innerNorms.put(Q_NORM, reader.norm(attention("q_norm"), together ? queries : heads.headSize()));
            innerNorms.put(K_NORM, reader.norm(attention("k_norm"), together ? keys : heads.headSize()));
        }
    }

    private void findLatent(AttentionSpec.Latent latent) {
        int queries = latent.heads() * latent.keySize();
        if (latent.queryRank().isPresent()) {
            int rank = latent.queryRank().getAsInt();
            find(QUERY_LATENT, attention("q_a_proj"), hidden, rank, latent.bias());
            innerNorms.put(Q_NORM, reader.norm(attention("q_a_layernorm"), rank));
            find(QUERY, attention("q_b_proj"), rank, queries, false);
        } else {
            find(QUERY, attention("q_proj"), hidden, queries, false);
        }
        find(KEY_VALUE_LATENT, attention("kv_a_proj_with_mqa"), hidden, latent.rank() + latent.ropeSize(),
                latent.bias());
        innerNorms.put(K_NORM, reader.norm(attention("kv_a_layernorm"), latent.rank()));
        find(KEY_VALUE, attention("kv_b_proj"), latent.rank(),
                latent.heads() * (latent.plainSize() + latent.valueSize()), false);
        find(OUTPUT, attention("o_proj"), latent.heads() * latent.valueSize(), hidden, latent.outputBias());
    }

    private void find(String role, String module, int inputs, int outputs, boolean bias) {
        linears.put(role, reader.linear(module, inputs, List.of(new Partition(module, outputs)), bias));
    }

    private void findMlp(MlpSpec mlp) {
        String gateUp = spec.module(MLP + ".gate_up_proj");
        List<Partition> parts = mlp.fused()
                ? List.of(new Partition(gateUp, 2 * mlp.intermediate()))
                : List.of(new Partition(spec.module(MLP + ".gate_proj"), mlp.intermediate()),
                        new Partition(spec.module(MLP + ".up_proj"), mlp.intermediate()));
        linears.put(GATE_UP, reader.linear(gateUp, hidden, parts, mlp.bias()));
        find(DOWN, spec.module(MLP + ".down_proj"), mlp.intermediate(), hidden, mlp.bias());
    }

    private MoeModule findExperts(DecoderSpec decoder, Map<String, MoeLayer> blocks) {
        String name = expertsName(decoder);
        return reader.experts(Optional.ofNullable(blocks.get(name)).orElseThrow(() -> reader.missing(name)), hidden);
    }

    /** Name of the layer's block of experts, if it has one. */
    String expertsName(DecoderSpec decoder) {
        return spec.module(decoder.experts().orElseThrow().family().names().block());
    }

    /** Bytes in the checkpoint of the layer's largest matrix, where those of all experts are one. */
    long largestBytes() {
        return Stream.concat(linears.values().stream().map(LinearModule::parameters).mapToLong(LoadedParameters::bytes)
                .boxed(), experts.stream().map(MoeModule::largestBytes)).mapToLong(Long::longValue).max().orElse(0);
    }

    LayerSpec spec() {
        return spec;
    }

    String attentionModule() {
        return attentionModule(spec);
    }

    static String attentionModule(LayerSpec layer) {
        return layer.module(ATTENTION);
    }

    Kind kind() {
        return new Kind(spec.attention(), spec.norms(), spec.mlp(), spec.residualFactor(),
                linears.values().stream().map(LinearModule::kind).toList(), experts.map(MoeModule::kind));
    }

    /** What can be read while the layer runs. */
    List<TapPoint> taps() {
        List<TapPoint> points = new ArrayList<>();
        switch (spec.attention()) {
            case AttentionSpec.OfHeads heads -> points.add(input(QKV, QKV));
            case AttentionSpec.Latent latent -> {
                boolean hasQueryLatent = latent.queryRank().isPresent();
                points.add(input(KEY_VALUE_LATENT, hasQueryLatent ? QUERY_LATENT : QUERY, KEY_VALUE_LATENT));
                if (hasQueryLatent) {
                    points.add(input(QUERY, QUERY));
                }
                points.add(input(KEY_VALUE, KEY_VALUE));
            }
        }
        points.add(input(OUTPUT, OUTPUT));
        linears.forEach((role, linear) -> points.add(TapPoint.output(role, linear.modules())));
        Stream.of(KEYS, VALUES, ATTENDED, BLOCK).map(TapPoint::state).forEach(points::add);
        experts.ifPresentOrElse(block -> points.addAll(block.taps()),
                () -> points.addAll(List.of(input(GATE_UP, GATE_UP), input(DOWN, DOWN))));
        return points;
    }

    private TapPoint input(String name, String... roles) {
        return TapPoint.input(name, Stream.of(roles).map(linears::get).map(LinearModule::modules).flatMap(List::stream)
                .toList());
    }

    LinearModule linear(String role) {
        return linears.get(role);
    }

    /** The weights of the norms in the order in which they are met. */
    List<float[]> norms() {
        return norms;
    }

    float[] innerNorm(String role) {
        return innerNorms.get(role);
    }

    Optional<float[]> sinks() {
        return sinks;
    }

    Optional<MoeModule> experts() {
        return experts;
    }
}
