package org.quantado.models.calibrate;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

import org.quantado.kernels.experts.GatedActivation;
import org.quantado.models.decoder.DecoderLayers;
import org.quantado.models.decoder.TapPoint;
import org.quantado.models.family.AttentionSpec;
import org.quantado.models.family.DecoderSpec;
import org.quantado.models.family.LayerSpec;
import org.quantado.models.family.NormPlacement;
import org.quantado.schemes.quantize.QuantizeException;

/**
 * Channels that can be scaled: what makes them is divided by what the weights of those that read them are multiplied by.
 *
 * @param before the norm or the linear layer that makes them, by full name
 * @param isNorm whether it is a norm
 * @param point where they are read, by all that read them
 * @param parent what gives the outputs that are to miss least: a name of {@link TapPoint}; empty where one linear layer
 *     reads them, whose own outputs these are
 */
record Smoothing(String before, boolean isNorm, TapPoint point, Optional<String> parent) {
    /**
     * All that a recipe scales in a layer, for linear layers that are quantized.
     *
     * @param taps of the layer
     * @param planned names of the linear layers that are quantized
     * @throws QuantizeException if there is no mapping for it
     */
    static List<Smoothing> of(Recipe recipe, DecoderLayers layers, int layer, List<TapPoint> taps,
            Set<String> planned) {
        List<Smoothing> all = new ArrayList<>();
        if (recipe.smoothQuant().isPresent() || recipe.awq().isPresent()) {
            all.addAll(ofNorms(layers.spec(), layers.spec().layers().get(layer), taps));
        }
        if (recipe.awq().isPresent()) {
            all.addAll(ofLinears(layers.spec(), layers.spec().layers().get(layer), taps));
        }
        return all.stream().filter(smoothing -> smoothing.point().modules().stream().anyMatch(planned::contains))
                .toList();
    }

    /**
     * What norms make: llm-compressor's mappings of SmoothQuant, and the first of AWQ's.
     *
     * @throws QuantizeException if norms do not stand before linear layers
     */
    private static List<Smoothing> ofNorms(DecoderSpec decoder, LayerSpec layer, List<TapPoint> taps) {
        List<String> norms = layer.norms().names();
        if (layer.norms() == NormPlacement.AFTER) {
            throw new QuantizeException("model_type " + decoder.modelType()
                    + " has norms after attention and MLP: no mapping is known of channels to be scaled between a norm and"
                    + " the linear layers after it");
        }
        String ofBlock = layer.norms() == NormPlacement.AROUND ? norms.get(2) : norms.get(1);
        List<Smoothing> all = new ArrayList<>();
        String attention = layer.module("self_attn.");
        switch (layer.attention()) {
            case AttentionSpec.OfHeads heads -> all.add(norm(layer.module(norms.getFirst()),
                    point(taps, attention + (heads.fused() ? "qkv_proj" : "q_proj")), TapPoint.ATTENDED));
            case AttentionSpec.Latent latent -> {
                all.add(norm(layer.module(norms.getFirst()), point(taps, attention + "kv_a_proj_with_mqa"),
                        TapPoint.ATTENDED));
                if (latent.queryRank().isPresent()) {
                    all.add(norm(attention + "q_a_layernorm", point(taps, attention + "q_b_proj"), null));
                }
                all.add(norm(attention + "kv_a_layernorm", point(taps, attention + "kv_b_proj"), null));
            }
        }
        all.add(norm(layer.module(ofBlock), taps.stream().filter(point -> point.kind() == TapPoint.Kind.INPUT)
                .filter(point -> point.name().equals(TapPoint.GATE_UP)).findFirst().orElseThrow(), TapPoint.BLOCK));
        return all;
    }

    /**
     * What AWQ scales besides: values, where each head of queries has its own, and what ups make.
     *
     * @throws QuantizeException if the activation does not pass a factor of ups on
     */
    private static List<Smoothing> ofLinears(DecoderSpec decoder, LayerSpec layer, List<TapPoint> taps) {
        List<Smoothing> all = new ArrayList<>();
        if (layer.attention() instanceof AttentionSpec.OfHeads heads && heads.heads() == heads.kvHeads()) {
            String attention = layer.module("self_attn.");
            all.add(new Smoothing(attention + (heads.fused() ? "qkv_proj" : "v_proj"), false,
                    point(taps, attention + "o_proj"), Optional.empty()));
        }
        GatedActivation activation = layer.mlp().map(mlp -> mlp.activation())
                .orElseGet(() -> decoder.experts().orElseThrow().activation());
        if (activation.upOffset() != 0 || activation.limit() != Float.MAX_VALUE) {
            throw new QuantizeException("model_type " + decoder.modelType()
                    + " limits or shifts what ups give: no mapping is known of channels to be scaled between up and down");
        }
        for (TapPoint output : taps) {
            if (output.name().equals(TapPoint.DOWN_OUTPUT) || output.name().equals(TapPoint.SHARED_DOWN_OUTPUT)) {
                TapPoint down = taps.stream().filter(point -> point.kind() == TapPoint.Kind.INPUT)
                        .filter(point -> point.modules().equals(output.modules())).findFirst().orElseThrow();
                all.add(new Smoothing(up(taps, down), false, down, Optional.empty()));
            }
        }
        return all;
    }

    private static Smoothing norm(String name, TapPoint point, String parent) {
        return new Smoothing(name, true, point, Optional.ofNullable(parent));
    }

    private static TapPoint point(List<TapPoint> taps, String module) {
        return taps.stream().filter(point -> point.kind() == TapPoint.Kind.INPUT)
                .filter(point -> point.modules().contains(module)).findFirst().orElseThrow();
    }

    /** The linear layer that makes a down's channels: the last of the gate and up that lie beside it. */
    private static String up(List<TapPoint> taps, TapPoint down) {
        boolean isShared = down.name().equals(TapPoint.SHARED_DOWN);
        return taps.stream().filter(point -> point.kind() == TapPoint.Kind.OUTPUT)
                .filter(point -> point.expert().equals(down.expert()))
                .filter(point -> point.name().equals(isShared
                        ? TapPoint.SHARED_GATE_UP_OUTPUT
                        : TapPoint.GATE_UP_OUTPUT))
                .findFirst().orElseThrow().modules().getLast();
    }
}
