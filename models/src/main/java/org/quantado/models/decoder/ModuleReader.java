package org.quantado.models.decoder;

import java.util.List;
import java.util.Optional;

import org.quantado.models.family.DecoderSpec;
import org.quantado.moe.LoadedMoe;
import org.quantado.moe.MoeMethod;
import org.quantado.moe.MoeParallel;
import org.quantado.moe.model.MoeLayer;
import org.quantado.schemes.checkpoint.CheckpointException;
import org.quantado.schemes.checkpoint.DType;
import org.quantado.schemes.checkpoint.Tensor;
import org.quantado.schemes.checkpoint.TensorInfo;
import org.quantado.schemes.checkpoint.UsedTensors;
import org.quantado.schemes.linear.LinearScheme;
import org.quantado.schemes.linear.LinearSpec;
import org.quantado.schemes.linear.LinearSpec.Partition;
import org.quantado.schemes.linear.SchemeException;
import org.quantado.schemes.linear.TensorParallel;
import org.quantado.schemes.model.Model;
import org.quantado.schemes.model.ModelLayer;

/** Finds the modules of a decoder in a checkpoint, and keeps which tensors were used. */
final class ModuleReader {
    private static final String WEIGHT = ".weight";
    private static final String BIAS = ".bias";

    private final Model model;
    private final Loading loading;
    private final UsedTensors tensors;

    ModuleReader(Model model, Loading loading) {
        this.model = model;
        this.loading = loading;
        this.tensors = new UsedTensors(model.checkpoint());
    }

    UsedTensors tensors() {
        return tensors;
    }

    /**
     * A linear layer of one module, or of several that have the same input.
     *
     * @param name of the layer, for messages
     * @param bias whether its modules have biases
     * @throws CheckpointException if a tensor is missing, has another type or shape, or no scheme runs it
     */
    LinearModule linear(String name, int inputs, List<Partition> partitions, boolean bias) {
        return linear(name, inputs, partitions, bias, true);
    }

    /** The embedding, or the layer that gives the logits: never quantized while loading. */
    LinearModule vocabulary(String name, DecoderSpec spec) {
        return linear(name, spec.hidden(), List.of(new Partition(name, spec.vocabulary())), false, false);
    }

    private LinearModule linear(String name, int inputs, List<Partition> partitions, boolean bias, boolean isLayer) {
        List<LinearScheme> schemes = partitions.stream().map(Partition::module).map(model::layer)
                .map(layer -> scheme(layer, isLayer)).distinct().toList();
        if (schemes.size() > 1) {
            throw new CheckpointException(model.checkpoint().path(), "layer " + CheckpointException.quote(name),
                    "parts of the schemes " + schemes.stream().map(LinearScheme::name).toList(),
                    "one scheme for parts that are multiplied together");
        }
        partitions.forEach(partition -> requireBias(partition.module(), bias));
        LinearScheme scheme = schemes.getFirst();
        LinearSpec spec = new LinearSpec(name, inputs, partitions, model.dtype(), TensorParallel.WHOLE);
        try {
            return new LinearModule(scheme, scheme.createWeights(spec).load(tensors), loading.activations());
        } catch (SchemeException e) {
            throw new SchemeException(model.checkpoint().path() + ": " + e.getMessage());
        }
    }

    private LinearScheme scheme(ModelLayer layer, boolean isLayer) {
        return layer.scheme(isLayer ? loading.online() : Optional.empty());
    }

    private void requireBias(String module, boolean isDescribed) {
        if (isDescribed) {
            tensors.tensor(module + BIAS);
        } else {
            model.checkpoint().find(module + BIAS).ifPresent(bias -> {
                throw bias.error("a bias", "none, as the family and the config of the model say");
            });
        }
    }

    /** The weight of a norm, {@code [size]}. */
    float[] norm(String module, int size) {
        return floats(module + WEIGHT, size);
    }

    /** A tensor of floats. */
    float[] floats(String name, long... shape) {
        Tensor tensor = tensors.tensor(name);
        return tensor.requireDType(DType.F32, DType.BF16, DType.F16).requireShape(shape).toFloats();
    }

    /** Says that a module is missing. */
    CheckpointException missing(String module) {
        return new CheckpointException(model.checkpoint().path(), "layer " + CheckpointException.quote(module),
                "no such layer", "the layers that the config describes");
    }

    /** The block of experts of this name. */
    MoeModule experts(MoeLayer layer, int hidden) {
        layer.requireWhole();
        if (layer.spec().hidden() != hidden) {
            throw new CheckpointException(model.checkpoint().path(), "layer " + CheckpointException.quote(layer.name()),
                    "experts for inputs of " + layer.spec().hidden(), "for those of the model, " + hidden);
        }
        MoeMethod method = layer.method(loading.online());
        LoadedMoe loaded = layer.parameters(method, MoeParallel.WHOLE);
        return new MoeModule(method, loaded, loading.activations());
    }

    /**
     * Requires that all tensors of the decoder were used.
     *
     * @param spec whose layers there are
     * @param blocks names of the blocks of experts, whose tensors are accounted for
     * @return their bytes
     * @throws CheckpointException with the first that was not
     */
    long requireAllUsed(DecoderSpec spec, List<String> blocks) {
        UnusedTensors known = new UnusedTensors(spec);
        long bytes = 0;
        for (TensorInfo info : model.checkpoint().infos().values()) {
            String name = info.name();
            if (tensors.has(name) || blocks.stream().anyMatch(block -> name.startsWith(block + "."))) {
                bytes += info.byteSize();
            } else if (!known.contains(name)) {
                throw model.checkpoint().tensor(name).error("a tensor that the decoder has no use for",
                        "none, as models of model_type " + CheckpointException.quote(spec.modelType()) + " have");
            }
        }
        return bytes;
    }

    /** The scale of cached keys or values of a layer. */
    float cacheScale(String attention, String name) {
        Tensor tensor = tensors.tensor(attention + "." + name).requireDType(DType.F32, DType.BF16, DType.F16);
        if (tensor.elements() != 1) {
            throw tensor.error("shape " + tensor.shape(), "one scale for the tensor");
        }
        float scale = tensor.floatAt(0);
        if (!(scale > 0 && scale < Float.POSITIVE_INFINITY)) {
            throw tensor.error(String.valueOf(scale), "a scale that is positive and finite");
        }
        return scale;
    }
}
