package org.quantado.models.decoder;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

import org.quantado.kernels.attention.KvFormat;
import org.quantado.models.family.DecoderReader;
import org.quantado.models.family.DecoderSpec;
import org.quantado.models.family.LayerSpec;
import org.quantado.moe.model.MoeLayer;
import org.quantado.moe.model.MoeLayers;
import org.quantado.schemes.checkpoint.CheckpointException;
import org.quantado.schemes.config.QuantizationArgs;
import org.quantado.schemes.config.QuantizationConfig;
import org.quantado.schemes.config.QuantizationStrategy;
import org.quantado.schemes.model.Model;
import org.quantado.schemes.select.CheckpointLayer;

import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/**
 * All modules of a decoder, found in a checkpoint; no weight is read yet but those of norms.
 *
 * @param spec what the decoder is
 * @param embedding of ids
 * @param head gives the logits; empty where it is the embedding
 * @param finalNorm before the logits
 * @param layers in order
 * @param cacheFormat that the checkpoint asks for, if it does
 * @param scalesOfLayers of keys and values by the name of a layer's attention, where they are cached as FP8
 */
record DecoderModules(DecoderSpec spec, LinearModule embedding, Optional<LinearModule> head, FloatArray finalNorm,
        List<LayerModules> layers, Optional<KvFormat> cacheFormat, Map<String, float[]> scalesOfLayers) {
    private static final String K_SCALE = "k_scale";
    private static final String V_SCALE = "v_scale";

    /**
     * Finds them.
     *
     * @throws CheckpointException if the model is not described, or a tensor is missing, wrong, or of no use
     */
    static DecoderModules find(Model model, Loading loading) {
        DecoderSpec spec = spec(model);
        ModuleReader reader = new ModuleReader(model, loading);
        Optional<KvFormat> cacheFormat = cacheFormat(model);
        Map<String, MoeLayer> blocks = blocks(model, spec);
        LinearModule embedding = reader.vocabulary(spec.embedding(), spec);
        Optional<LinearModule> head = spec.head().map(name -> reader.vocabulary(name, spec));
        FloatArray finalNorm = FloatArray.fromArray(reader.norm(spec.finalNorm(), spec.hidden()));
        List<LayerModules> layers = new ArrayList<>();
        for (LayerSpec layer : spec.layers()) {
            layers.add(new LayerModules(layer, spec, reader, blocks));
        }
        Map<String, float[]> scales = new LinkedHashMap<>();
        if (cacheFormat.isPresent()) {
            layers.forEach(layer -> scales.put(layer.attentionModule(), cacheScales(layer, reader)));
        }
        reader.requireAllUsed(spec, layers.stream().filter(layer -> layer.experts().isPresent())
                .map(layer -> layer.expertsName(spec)).toList());
        return new DecoderModules(spec, embedding, head, finalNorm, layers, cacheFormat, scales);
    }

    static DecoderSpec spec(Model model) {
        var config = model.checkpoint().configFile().orElseThrow(() -> new CheckpointException(
                model.checkpoint().path().toString(), "no config.json", "one that describes the model"));
        Map<String, CheckpointLayer> modules = CheckpointLayer.of(model.checkpoint()).stream()
                .collect(Collectors.toMap(CheckpointLayer::name, Function.identity()));
        return DecoderReader.read(config, modules::containsKey);
    }

    /** The model's blocks of experts by their names. */
    static Map<String, MoeLayer> blocks(Model model, DecoderSpec spec) {
        return spec.experts().isEmpty()
                ? Map.of()
                : MoeLayers.of(model).stream().collect(Collectors.toMap(MoeLayer::name, Function.identity()));
    }

    /** What keys and values are cached as, if the checkpoint says so. */
    static Optional<KvFormat> cacheFormat(Model model) {
        Optional<QuantizationArgs> scheme = model.config().quantization().flatMap(QuantizationConfig::kvCacheScheme);
        scheme.filter(args -> args.strategy() != QuantizationStrategy.TENSOR || args.dynamic().isDynamic())
                .ifPresent(args -> {
                    throw new CheckpointException(model.checkpoint().configFile().orElseThrow(), "kv_cache_scheme",
                            CheckpointException.shorten(args.toString()), "one calibrated scale for each tensor");
                });
        return scheme.map(args -> KvFormat.E4M3);
    }

    static float[] cacheScales(LayerModules layer, ModuleReader reader) {
        return new float[]{reader.cacheScale(layer.attentionModule(), K_SCALE),
                reader.cacheScale(layer.attentionModule(), V_SCALE)};
    }

    /** {@code [2, L]}: the scales of some layers' keys, and then of their values; ones where there are none. */
    float[] cacheScales(List<LayerModules> some) {
        float[] scales = new float[2 * some.size()];
        for (int i = 0; i < some.size(); i++) {
            float[] ofLayer = scalesOfLayers.getOrDefault(some.get(i).attentionModule(), new float[]{1, 1});
            scales[i] = ofLayer[0];
            scales[some.size() + i] = ofLayer[1];
        }
        return scales;
    }
}
