package org.quantado.schemes.model;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Collectors;

import org.quantado.schemes.checkpoint.CheckpointException;
import org.quantado.schemes.checkpoint.DType;
import org.quantado.schemes.checkpoint.Tensor;
import org.quantado.schemes.checkpoint.TensorInfo;
import org.quantado.schemes.linear.Activations;
import org.quantado.schemes.linear.LinearScheme;
import org.quantado.schemes.linear.LinearSpec;
import org.quantado.schemes.linear.LinearSpec.Partition;
import org.quantado.schemes.linear.LoadedParameters;
import org.quantado.schemes.linear.OnlineFormat;
import org.quantado.schemes.linear.QuantizedLinear;
import org.quantado.schemes.linear.SchemeException;
import org.quantado.schemes.linear.TensorParallel;
import org.quantado.schemes.linear.UnquantizedScheme;
import org.quantado.schemes.select.CheckpointLayer;
import org.quantado.schemes.select.LayerClass;
import org.quantado.schemes.select.Selection;

/** A layer of a model: where it is in the checkpoint, and how it is run. */
public final class ModelLayer {
    /** Columns of codes that a byte of {@code weight_packed} holds where there is no {@code weight_shape}. */
    private static final int CODES_PER_BYTE = 2;
    private static final String WEIGHT = ".weight";
    private static final String PACKED = ".weight_packed";
    private static final String SHAPE = ".weight_shape";

    private final Model model;
    private final String name;
    private final LayerClass layerClass;
    private final List<CheckpointLayer> modules;
    private final Selection selection;

    ModelLayer(Model model, String name, LayerClass layerClass, List<CheckpointLayer> modules,
            Selection selection) {
        this.model = model;
        this.name = name;
        this.layerClass = layerClass;
        this.modules = modules;
        this.selection = selection;
    }

    public String name() {
        return name;
    }

    /** What it seems to be, by its name and tensors. */
    public LayerClass layerClass() {
        return layerClass;
    }

    /** The modules of the checkpoint that it is made of: one, or the several of a fused layer. */
    public List<CheckpointLayer> modules() {
        return modules;
    }

    /** The scheme that was selected, or why there is none. */
    public Selection selection() {
        return selection;
    }

    /** Bytes of all its tensors in the checkpoint. */
    public long bytes() {
        return modules.stream().flatMap(module -> module.tensors().values().stream())
                .mapToLong(TensorInfo::byteSize)
                .sum();
    }

    /**
     * Its size, from the shapes of its tensors.
     *
     * @throws CheckpointException if they do not tell it
     */
    public LinearSpec spec() {
        List<Partition> partitions = new ArrayList<>();
        int inputSize = 0;
        for (CheckpointLayer module : modules) {
            int[] shape = weightShape(module);
            if (!partitions.isEmpty() && shape[1] != inputSize) {
                throw new CheckpointException(model.checkpoint().path(),
                        "layer " + CheckpointException.quote(name),
                        "partitions of input sizes " + inputSize + " and " + shape[1], "one input size");
            }
            inputSize = shape[1];
            partitions.add(new Partition(module.name(), shape[0]));
        }
        return new LinearSpec(name, inputSize, partitions, model.dtype(), TensorParallel.WHOLE);
    }

    /** N and K of a module. */
    private int[] weightShape(CheckpointLayer module) {
        Tensor tensor = sizeTensor(module);
        if (tensor.name().endsWith(SHAPE)) {
            if (tensor.requireDType(DType.I64, DType.I32).elements() != 2) {
                throw tensor.error("shape " + tensor.shape(), "shape [2]");
            }
            return size(tensor, tensor.integerAt(0), tensor.integerAt(1));
        }
        if (tensor.shape().rank() != 2) {
            throw tensor.error("shape " + tensor.shape(), "a matrix");
        }
        int codes = tensor.name().endsWith(PACKED) ? CODES_PER_BYTE : 1;
        return size(tensor, tensor.shape().dimension(0), codes * tensor.shape().dimension(1));
    }

    /** The tensor of a module that tells its size. */
    private Tensor sizeTensor(CheckpointLayer module) {
        Optional<Tensor> weight = model.checkpoint().find(module.name() + WEIGHT);
        boolean hasShape = model.checkpoint().find(module.name() + SHAPE).isPresent();
        if (weight.isPresent() && !hasShape) {
            return weight.get();
        }
        Tensor packed = model.checkpoint().find(module.name() + PACKED)
                .orElseThrow(() -> new CheckpointException(model.checkpoint().path(),
                        "layer " + CheckpointException.quote(module.name()), "no tensor of its weight among "
                                + module.tensors().values().stream().map(TensorInfo::name)
                                        .collect(Collectors.joining(", ")),
                        "tensor " + CheckpointException.quote(module.name() + PACKED) + " or "
                                + CheckpointException.quote(module.name() + WEIGHT)));
        boolean twoCodesToAByte = packed.dtype().bits() == Byte.SIZE;
        return twoCodesToAByte ? packed : model.checkpoint().tensor(module.name() + SHAPE);
    }

    private static int[] size(Tensor tensor, long outputs, long inputs) {
        if (outputs < 1 || inputs < 1 || outputs > Integer.MAX_VALUE || inputs > Integer.MAX_VALUE) {
            throw tensor.error("a weight of [" + outputs + ", " + inputs + "]",
                    "sizes from 1 to " + Integer.MAX_VALUE);
        }
        return new int[]{(int) outputs, (int) inputs};
    }

    /**
     * Checks all that can be checked without running: tensors, types, shapes, scales.
     *
     * @throws CheckpointException with what is wrong
     * @throws SchemeException if no kernel can run it
     */
    public void check() {
        if (selection instanceof Selection.Unquantized unquantized) {
            checkUnquantized(unquantized);
            return;
        }
        LinearScheme scheme = model.scheme(this, Optional.empty());
        inCheckpoint(() -> {
            scheme.check(parameters(scheme, TensorParallel.WHOLE));
            return scheme;
        });
    }

    private void checkUnquantized(Selection.Unquantized unquantized) {
        modules.stream().flatMap(module -> module.unusedIfUnquantized().stream()).findFirst().ifPresent(tensor -> {
            throw model.checkpoint().tensor(tensor.name()).error("a tensor of a quantized layer",
                    "only weight and bias, since " + unquantized.reason());
        });
    }

    /**
     * The scheme that runs it in a whole model, where unquantized layers are run as they are.
     *
     * @param online what unquantized weights become while loading, if anything
     * @throws CheckpointException if no scheme runs it
     */
    public LinearScheme scheme(Optional<OnlineFormat> online) {
        return selection instanceof Selection.Unquantized && online.isEmpty()
                ? new UnquantizedScheme()
                : model.scheme(this, online);
    }

    /**
     * The name of the scheme that runs it.
     *
     * @param online what unquantized weights become while loading
     * @throws CheckpointException if no scheme runs it
     */
    public String schemeName(Optional<OnlineFormat> online) {
        return model.scheme(this, online).name();
    }

    /** Loads the whole layer; see {@link #load(TensorParallel, Activations, Optional)}. */
    public QuantizedLinear load(Activations activations) {
        return load(TensorParallel.WHOLE, activations, Optional.empty());
    }

    /**
     * Loads the layer and makes it ready to run.
     *
     * @param part what this process holds of it
     * @param online what unquantized weights become while loading
     * @throws CheckpointException if something is wrong with its tensors, or no scheme runs it
     * @throws SchemeException if it cannot be cut so, or no kernel runs it
     */
    public QuantizedLinear load(TensorParallel part, Activations activations, Optional<OnlineFormat> online) {
        LinearScheme scheme = model.scheme(this, online);
        return inCheckpoint(() -> scheme.processWeightsAfterLoading(parameters(scheme, part), activations));
    }

    /** Whether a tensor is of the block of experts that a router belongs to, and not of the router as a layer. */
    private boolean isOfBlock(String tensor) {
        return layerClass == LayerClass.ROUTER
                && !modules.getFirst().isOfQuantized(CheckpointLayer.lastPart(tensor));
    }

    private LoadedParameters parameters(LinearScheme scheme, TensorParallel part) {
        try {
            return scheme.createWeights(spec().withParallel(part)).load(model.checkpoint(), this::isOfBlock);
        } catch (SchemeException e) {
            throw new SchemeException(e.getMessage() + " Its size is that of tensor "
                    + CheckpointException.quote(sizeTensor(modules.getFirst()).name()) + ".");
        }
    }

    /** Says of which checkpoint the layer is that no scheme can run. */
    private <T> T inCheckpoint(Supplier<T> work) {
        try {
            return work.get();
        } catch (SchemeException e) {
            throw new SchemeException(model.checkpoint().path() + ": " + e.getMessage());
        }
    }
}
