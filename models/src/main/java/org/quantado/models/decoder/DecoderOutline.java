package org.quantado.models.decoder;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.quantado.kernels.attention.KvFormat;
import org.quantado.kernels.attention.KvShape;
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

/**
 * A decoder as a checkpoint has it: all its modules are found, and nothing is left over. Its weights are where they were; the
 * model must stay open.
 */
public final class DecoderOutline {
    private static final String K_SCALE = "k_scale";
    private static final String V_SCALE = "v_scale";
    /** Of keys and values that are not quantized. */
    private static final float[] NO_SCALES = {1, 1};

    private final Model model;
    private final DecoderSpec spec;
    private final LinearModule embedding;
    private final Optional<LinearModule> head;
    private final float[] finalNorm;
    private final List<LayerModules> layers = new ArrayList<>();
    private final Optional<KvFormat> cacheFormat;
    private final Map<String, float[]> cacheScales;
    private final long bytes;

    private DecoderOutline(Model model, Loading loading) {
        this.model = model;
        this.spec = spec(model);
        ModuleReader reader = new ModuleReader(model, loading);
        this.cacheFormat = cacheFormat(model);
        Map<String, MoeLayer> blocks = blocks(model, spec);
        this.embedding = reader.vocabulary(spec.embedding(), spec);
        this.head = spec.head().map(name -> reader.vocabulary(name, spec));
        this.finalNorm = reader.norm(spec.finalNorm(), spec.hidden());
        for (LayerSpec layer : spec.layers()) {
            layers.add(new LayerModules(layer, spec, reader, blocks));
        }
        this.cacheScales = cacheFormat.isPresent() ? cacheScales(reader) : Map.of();
        this.bytes = reader.requireAllUsed(spec, layers.stream().filter(layer -> layer.experts().isPresent())
                .map(layer -> layer.expertsName(spec)).toList());
    }

    /**
     * Finds the modules of a decoder.
     *
     * @throws CheckpointException if the model is not described, or a tensor is missing, wrong, or of no use
     * @throws org.quantado.schemes.linear.SchemeException if no kernel runs its weights
     */
    public static DecoderOutline of(Model model, Loading loading) {
        return new DecoderOutline(model, loading);
    }

    /** What the decoder of a model is. */
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

    /** What a model's checkpoint asks to keep keys and values as, if it does. */
    static Optional<KvFormat> cacheFormat(Model model) {
        Optional<QuantizationArgs> scheme = model.config().quantization().flatMap(QuantizationConfig::kvCacheScheme);
        scheme.filter(args -> args.strategy() != QuantizationStrategy.TENSOR || args.dynamic().isDynamic())
                .ifPresent(args -> {
                    throw new CheckpointException(model.checkpoint().configFile().orElseThrow(), "kv_cache_scheme",
                            CheckpointException.shorten(args.toString()), "one calibrated scale for each tensor");
                });
        return scheme.map(args -> KvFormat.E4M3);
    }

    private Map<String, float[]> cacheScales(ModuleReader reader) {
        Map<String, float[]> scales = new LinkedHashMap<>();
        layers.forEach(layer -> scales.put(layer.attentionModule(), cacheScales(layer, reader)));
        return scales;
    }

    /** The scale of a layer's keys, and that of its values. */
    static float[] cacheScales(LayerModules layer, ModuleReader reader) {
        return new float[]{reader.cacheScale(layer.attentionModule(), K_SCALE),
                reader.cacheScale(layer.attentionModule(), V_SCALE)};
    }

    /** What the decoder is. */
    public DecoderSpec spec() {
        return spec;
    }

    /** Bytes of its tensors in the checkpoint. */
    public long bytes() {
        return bytes;
    }

    /** What the checkpoint asks to keep keys and values as, if it does. */
    public Optional<KvFormat> cacheFormat() {
        return cacheFormat;
    }

    /** Bytes of keys and values of one sequence. */
    public long cacheBytes(KvFormat format, int positions) {
        return cacheShapes(positions).mapToLong(shape -> shape.bytes(format)).sum();
    }

    /** What the cache of one sequence holds of each layer. */
    Stream<KvShape> cacheShapes(int positions) {
        return spec.layers().stream().map(LayerSpec::attention).map(attention -> new KvShape(1, 1, positions,
                attention.kvHeads(), attention.keySize(), attention.valueSize()));
    }

    /**
     * The positions of a context.
     *
     * @param asked how many there are to be
     * @param usual how many at most where nobody says so
     * @throws InputException if the model does not allow that many
     */
    public int positions(OptionalInt asked, int usual) {
        if (asked.isPresent() && asked.getAsInt() > spec.positions()) {
            throw new InputException("a context of " + asked.getAsInt() + " positions: the model "
                    + model.checkpoint().path() + " allows " + spec.positions() + " (max_position_embeddings)");
        }
        return Math.min(asked.orElse(usual), spec.positions());
    }

    LinearModule embedding() {
        return embedding;
    }

    Optional<LinearModule> head() {
        return head;
    }

    float[] finalNorm() {
        return finalNorm;
    }

    List<LayerModules> layers() {
        return layers;
    }

    /** Scales of the keys of some layers, and then those of their values. */
    float[] cacheScales(List<LayerModules> some) {
        float[] scales = new float[2 * some.size()];
        for (int i = 0; i < some.size(); i++) {
            float[] ofLayer = cacheScales.getOrDefault(some.get(i).attentionModule(), NO_SCALES);
            scales[i] = ofLayer[0];
            scales[some.size() + i] = ofLayer[1];
        }
        return scales;
    }
}
