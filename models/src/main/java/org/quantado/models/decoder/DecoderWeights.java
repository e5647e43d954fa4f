package org.quantado.models.decoder;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.IntConsumer;
import java.util.stream.Collectors;

import org.quantado.kernels.attention.KvFormat;
import org.quantado.kernels.attention.RopeTable;
import org.quantado.kernels.embedding.Embedding;
import org.quantado.kernels.engine.DeviceLimits;
import org.quantado.kernels.logits.LogitScaling;
import org.quantado.kernels.matmul.ExpertMatrix;
import org.quantado.kernels.matmul.FlavourChoice;
import org.quantado.kernels.matmul.LinearWeight;
import org.quantado.kernels.matmul.PreparedLinear;
import org.quantado.kernels.matmul.QuantizedMatrix;
import org.quantado.kernels.norm.Norm;
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
 * A decoder's weights in the kernels' layout.
 *
 * @param spec what the decoder is
 * @param positions of the longest context that can be run
 * @param embedding of ids
 * @param stacks of layers that are alike
 * @param finalNorm before the logits
 * @param head gives the logits
 * @param cacheFormat that the checkpoint asks for, if it does
 * @param ropeTable of the angles, or the first of several
 */
public record DecoderWeights(DecoderSpec spec, int positions, Embedding embedding, List<LayerStack> stacks,
        Norm finalNorm, PreparedLinear head, Optional<KvFormat> cacheFormat, RopeTable ropeTable) {
    private static final String K_SCALE = "k_scale";
    private static final String V_SCALE = "v_scale";

    /**
     * Loads a decoder, layer by layer.
     *
     * @param contextLimit no context will be longer than this, and none than the model allows
     * @param progress is told the number of layers that are in the kernels' layout, now and then
     * @throws CheckpointException if the model is not described, or a tensor is missing, wrong, or of no use
     */
    public static DecoderWeights load(Model model, Loading loading, int contextLimit, IntConsumer progress) {
        return new Loader(model, loading).load(contextLimit, progress);
    }

    LogitScaling logitScaling() {
        return new LogitScaling(spec.logitFactor(), spec.logitCap());
    }

    /** Bytes of all weights. */
    public long bytes() {
        DeviceState state = new DeviceState();
        enter(state);
        return DeviceLimits.bytes(state.arrays());
    }

    /** Bytes of the cache of so many sequences. */
    public long cacheBytes(int sequences, KvFormat format) {
        return stacks.stream().mapToLong(stack -> stack.cacheShape(sequences, positions).bytes(format)).sum();
    }

    /** Enters all weights. */
    void enter(DeviceState state) {
        state.add(embedding);
        state.add(finalNorm.weight());
        state.add(head.matmul());
        stacks.forEach(stack -> stack.addTo(state));
    }

    private static final class Loader {
        private final Model model;
        private final DecoderSpec spec;
        private final ModuleReader reader;

        Loader(Model model, Loading loading) {
            this.model = model;
            var config = model.checkpoint().configFile().orElseThrow(() -> new CheckpointException(
                    model.checkpoint().path().toString(), "no config.json", "one that describes the model"));
            Map<String, CheckpointLayer> modules = CheckpointLayer.of(model.checkpoint()).stream()
                    .collect(Collectors.toMap(CheckpointLayer::name, Function.identity()));
            this.spec = DecoderReader.read(config, modules::containsKey);
            this.reader = new ModuleReader(model, loading);
        }

        DecoderWeights load(int contextLimit, IntConsumer progress) {
            Optional<KvFormat> cacheFormat = cacheFormat();
            Map<String, MoeLayer> blocks = spec.experts().isEmpty()
                    ? Map.of()
                    : MoeLayers.of(model).stream().collect(Collectors.toMap(MoeLayer::name, Function.identity()));
            LinearModule embedding = reader.vocabulary(spec.embedding(), spec);
            Optional<LinearModule> head = spec.head().map(name -> reader.vocabulary(name, spec));
            float[] finalNorm = reader.norm(spec.finalNorm(), spec.hidden());
            List<LayerModules> layers = new ArrayList<>();
            for (LayerSpec layer : spec.layers()) {
                layers.add(new LayerModules(layer, spec, reader, blocks));
            }
            Map<String, float[]> cacheScales = cacheFormat.isPresent() ? cacheScales(layers) : Map.of();
            reader.requireAllUsed(spec, layers.stream().filter(layer -> layer.experts().isPresent())
                    .map(layer -> layer.expertsName(spec)).toList());

            int positions = Math.min(contextLimit, spec.positions());
            FlavourChoice flavour = FlavourChoice.forDevice();
            StackBuilder builder = new StackBuilder(spec, positions, flavour);
            LinearWeight embeddingWeight = embedding.weight();
            PreparedLinear preparedHead = PreparedLinear.of(
                    new ExpertMatrix(1, head.map(LinearModule::weight).orElse(embeddingWeight)), flavour,
                    head.flatMap(LinearModule::quantizer));
            List<LayerStack> stacks = stacks(layers, positions, builder, cacheScales, progress);
            return new DecoderWeights(spec, positions, embedding(embeddingWeight.matrix()),
                    stacks, Norm.rms(spec.hidden(), spec.norm().epsilon(), spec.norm().weightOffset(),
                            FloatArray.fromArray(finalNorm)),
                    preparedHead, cacheFormat, builder.table());
        }

        private List<LayerStack> stacks(List<LayerModules> layers, int positions, StackBuilder builder,
                Map<String, float[]> cacheScales, IntConsumer progress) {
            Map<LayerModules.Kind, List<LayerModules>> kinds = new LinkedHashMap<>();
            layers.forEach(layer -> kinds.computeIfAbsent(layer.kind(), kind -> new ArrayList<>()).add(layer));
            List<LayerStack> stacks = new ArrayList<>();
            int loaded = 0;
            for (List<LayerModules> alike : kinds.values()) {
                int together = DeviceRoom.layersTogether(
                        alike.stream().mapToLong(LayerModules::largestBytes).max().orElse(0),
                        alike.getFirst().spec().attention(), positions);
                for (int from = 0; from < alike.size(); from += together) {
                    List<LayerModules> some = alike.subList(from, Math.min(alike.size(), from + together));
                    stacks.add(builder.stack("layers" + stacks.size(), some, scalesOf(some, cacheScales)));
                    loaded += some.size();
                    progress.accept(loaded);
                }
            }
            return stacks;
        }

        /** The head's graph brings a table of its own to the device, and finds that of the embedding there. */
        private static Embedding embedding(QuantizedMatrix matrix) {
            if (matrix.holdsFloats()) {
                return new Embedding.OfFloats(matrix.floats(), matrix.inputs());
            }
            return new Embedding.OfCodes(
                    new QuantizedMatrix(matrix.outputs(), matrix.inputs(), matrix.codeBits(), matrix.words(),
                            FloatArray.fromArray(matrix.table().toHeapArray()), matrix.groupSize(), matrix.scales(),
                            matrix.zeros()));
        }

        private Optional<KvFormat> cacheFormat() {
            Optional<QuantizationArgs> scheme = model.config().quantization()
                    .flatMap(QuantizationConfig::kvCacheScheme);
            scheme.filter(args -> args.strategy() != QuantizationStrategy.TENSOR || args.dynamic().isDynamic())
                    .ifPresent(args -> {
                        throw new CheckpointException(model.checkpoint().configFile().orElseThrow(), "kv_cache_scheme",
                                CheckpointException.shorten(args.toString()), "one calibrated scale for each tensor");
                    });
            return scheme.map(args -> KvFormat.E4M3);
        }

        private Map<String, float[]> cacheScales(List<LayerModules> layers) {
            Map<String, float[]> scales = new LinkedHashMap<>();
            layers.forEach(layer -> scales.put(layer.attentionModule(),
                    new float[]{reader.cacheScale(layer.attentionModule(), K_SCALE),
                            reader.cacheScale(layer.attentionModule(), V_SCALE)}));
            return scales;
        }

        private static float[] scalesOf(List<LayerModules> layers, Map<String, float[]> all) {
            float[] scales = new float[2 * layers.size()];
            for (int i = 0; i < layers.size(); i++) {
                float[] ofLayer = all.getOrDefault(layers.get(i).attentionModule(), new float[]{1, 1});
                scales[i] = ofLayer[0];
                scales[layers.size() + i] = ofLayer[1];
            }
            return scales;
        }
    }
}
