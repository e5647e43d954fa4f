package org.quantado.schemes.linear;

import java.util.Optional;

import org.quantado.kernels.quantize.Quantizer;

/**
 * A way to run quantized linear layers. Immutable, and shareable between threads.
 *
 * <p>The stages are those of vLLM's {@code CompressedTensorsScheme}: {@code create_weights},
 * {@code process_weights_after_loading}, {@code apply_weights}; each gives what the next one needs.
 */
public interface LinearScheme {
    /** What it is called in a table. */
    String name();

    /** The least compute capability of an NVIDIA device, as 10 times major plus minor. Other devices need none. */
    int minCapability();

    /**
     * The parameters of a layer: names, types, shapes, and how a shard of each is cut.
     *
     * @throws SchemeException if the layer cannot be cut as its spec says
     */
    Parameters createWeights(LinearSpec spec);

    /**
     * Checks loaded parameters without preparing the layer.
     *
     * @throws org.quantado.schemes.checkpoint.CheckpointException if their values cannot be right
     */
    void check(LoadedParameters parameters);

    /** Opens what brings weights of layers into the kernels' layout. */
    WeightAssembler weightAssembler();

    /** Whether the weight of a layer is floats as they are. */
    default boolean holdsFloats(LoadedParameters parameters) {
        return false;
    }

    /**
     * How the input of a layer is quantized, if it is.
     *
     * @throws org.quantado.schemes.checkpoint.CheckpointException if its calibration cannot be right
     */
    Optional<Quantizer> inputQuantizer(LoadedParameters parameters, Activations activations);

    /**
     * Brings loaded parameters into the kernels' layout. The parameters are left as they are, so that doing it twice
     * gives two equal layers.
     *
     * @throws org.quantado.schemes.checkpoint.CheckpointException if their values cannot be right
     */
    QuantizedLinear processWeightsAfterLoading(LoadedParameters parameters, Activations activations);
}
