package org.quantado.schemes.linear;

import java.util.List;
import java.util.Optional;

import org.quantado.kernels.quantize.Quantizer;

/**
 * Unquantized weights that are quantized on the device while they are loaded, some rows at a time.
 *
 * @param format what they become
 */
public record OnlineScheme(OnlineFormat format) implements LinearScheme {
    static final String WEIGHT = "weight";

    @Override
    public String name() {
        return format.schemeName();
    }

    @Override
    public int minCapability() {
        return format.minCapability();
    }

    @Override
    public Parameters createWeights(LinearSpec spec) {
        format.requireSizes(spec);
        return new Parameters(spec, List.of(
                ParameterSpec.required(WEIGHT, ParameterSpec.FLOATS, Axis.outputs(), Axis.inputs()),
                Bias.PARAMETER));
    }

    @Override
    public void check(LoadedParameters parameters) {
        // Any float can be quantized.
    }

    @Override
    public WeightAssembler weightAssembler() {
        return new OnlineWeights(format);
    }

    @Override
    public Optional<Quantizer> inputQuantizer(LoadedParameters parameters, Activations activations) {
        return activations == Activations.OFF
                ? Optional.empty()
                : format.activations();
    }

    @Override
    public QuantizedLinear processWeightsAfterLoading(LoadedParameters parameters, Activations activations) {
        return new QuantizedLinear(this, parameters, inputQuantizer(parameters, activations), Optional.empty());
    }
}
