package org.quantado.schemes.model;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

import org.quantado.kernels.codec.ModelDtype;
import org.quantado.schemes.checkpoint.Checkpoint;
import org.quantado.schemes.checkpoint.CheckpointException;
import org.quantado.schemes.checkpoint.NearNames;
import org.quantado.schemes.config.ModelConfig;
import org.quantado.schemes.config.TorchDType;
import org.quantado.schemes.dialect.Dialects;
import org.quantado.schemes.linear.LinearScheme;
import org.quantado.schemes.linear.LinearSchemes;
import org.quantado.schemes.linear.OnlineFormat;
import org.quantado.schemes.linear.OnlineScheme;
import org.quantado.schemes.linear.SchemeException;
import org.quantado.schemes.select.CheckpointLayer;
import org.quantado.schemes.select.FusedModules;
import org.quantado.schemes.select.LayerClass;
import org.quantado.schemes.select.SchemeSelector;
import org.quantado.schemes.select.Selection;

/**
 * An opened checkpoint with its config: its layers, and the scheme of each.
 *
 * <p>Layers can be loaded by several threads. Closing the model unmaps the files; layers that were loaded live on.
 */
public final class Model implements AutoCloseable {
    private static final ModelDtype DEFAULT_DTYPE = ModelDtype.BF16;

    private final Checkpoint checkpoint;
    private final ModelConfig config;
    private final ModelDtype dtype;
    private final Map<String, CheckpointLayer> modules = new LinkedHashMap<>();
    private final Map<FusedModules, SchemeSelector> selectors = new ConcurrentHashMap<>();

    private Model(Checkpoint checkpoint, ModelConfig config) {
        this.checkpoint = checkpoint;
        this.config = config;
        this.dtype = config.dtype().map(Model::modelDtype).orElse(DEFAULT_DTYPE);
        CheckpointLayer.of(checkpoint).forEach(layer -> modules.put(layer.name(), layer));
    }

    /**
     * Opens a folder as Hugging Face lays it out, or one safetensors file.
     *
     * @param path this, or the id of a model in Hugging Face's cache, {@code org/name} or {@code org/name@revision}
     * @throws CheckpointException if a file is missing or wrong
     */
    public static Model open(Path path) {
        Checkpoint checkpoint = Checkpoint.open(path);
        try {
            Dialects.Read read = Dialects.read(checkpoint);
            return new Model(read.tensors(), read.config());
        } catch (RuntimeException e) {
            checkpoint.close();
            throw e;
        }
    }

    /**
     * A model with other tensors, and perhaps quantized in another way. It is closed with the checkpoint that the tensors
     * are of.
     *
     * @param tensors with the names and shapes that compressed-tensors would give them
     */
    public static Model of(Checkpoint tensors, ModelConfig config) {
        return new Model(tensors, config);
    }

    /** Its tensors, with the names and shapes that compressed-tensors would give them. */
    public Checkpoint checkpoint() {
        return checkpoint;
    }

    public ModelConfig config() {
        return config;
    }

    /** The type in which the model computes. */
    public ModelDtype dtype() {
        return dtype;
    }

    /** All modules with a weight, in the order of their names, as they are in the checkpoint: nothing is fused. */
    public List<ModelLayer> layers() {
        return modules.values().stream().map(this::layer).toList();
    }

    /**
     * One layer: a module of the checkpoint, or a fused layer such as {@code ...qkv_proj} of several.
     *
     * @throws CheckpointException if there is none of this name, with names like it
     */
    public ModelLayer layer(String name) {
        CheckpointLayer module = modules.get(name);
        if (module != null) {
            return layer(module);
        }
        List<String> parts = FusedModules.LLAMA.partsOf(name).filter(modules.keySet()::containsAll)
                .orElseThrow(
                        () -> new CheckpointException(checkpoint.path(),
                                "layer " + CheckpointException.quote(name), "no such layer",
                                NearNames.describe("layers", name, modules.keySet())));
        return layer(name, LayerClass.LINEAR, FusedModules.LLAMA, parts.stream().map(modules::get).toList());
    }

    /** A module of the checkpoint goes by its own name, even if it is that of a layer that others fuse. */
    private ModelLayer layer(CheckpointLayer module) {
        return layer(module.name(), module.layerClass(), FusedModules.NONE, List.of(module));
    }

    private ModelLayer layer(String name, LayerClass layerClass, FusedModules fused, List<CheckpointLayer> parts) {
        Selection selection = config.quantization()
                .map(quantization -> selectors.computeIfAbsent(fused, some -> SchemeSelector.of(quantization, some))
                        .select(name, layerClass))
                .orElseGet(() -> new Selection.Unquantized("the checkpoint has no quantization_config"));
        boolean forgotten = selection instanceof Selection.Selected
                && parts.stream().allMatch(CheckpointLayer::isUnquantized);
        return new ModelLayer(this, name, layerClass, parts, forgotten
                ? new Selection.Unquantized("its tensors are not quantized, although no ignore list names it")
                : selection);
    }

    /**
     * The scheme that runs a layer.
     *
     * @param online what unquantized weights become while loading
     * @throws CheckpointException if no scheme runs it, with the reason
     */
    LinearScheme scheme(ModelLayer layer, Optional<OnlineFormat> online) {
        return switch (layer.selection()) {
            case Selection.Selected selected -> LinearSchemes.of(selected, dtype);
            case Selection.Unquantized unquantized -> online.<LinearScheme>map(OnlineScheme::new)
                    .orElseThrow(() -> new CheckpointException(checkpoint.path(),
                            "layer " + CheckpointException.quote(layer.name()),
                            "an unquantized layer: " + unquantized.reason(),
                            "a quantized layer, or a format to quantize it to while loading"));
            case Selection.Unsupported unsupported ->
                throw unsupported.toException(checkpoint.configFile().orElse(checkpoint.path()),
                        layer.name());
        };
    }

    private static ModelDtype modelDtype(TorchDType type) {
        return switch (type) {
            case FLOAT32 -> ModelDtype.F32;
            case FLOAT16 -> ModelDtype.F16;
            case BFLOAT16 -> ModelDtype.BF16;
            default -> throw new SchemeException("a model of dtype " + type.jsonName()
                    + " cannot be run: expected torch.float32, torch.float16 or torch.bfloat16");
        };
    }

    @Override
    public void close() {
        checkpoint.close();
    }
}
