package org.quantado.schemes.linear;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

import org.quantado.kernels.quantize.Quantizer;
import org.quantado.schemes.select.SchemeName;

/**
 * A scheme of compressed-tensors, which is a description: how weights are stored, and how input and output are
 * quantized.
 *
 * @param schemeName which of vLLM's schemes it is
 * @param weights how the weights are stored
 * @param input how the input is quantized, if it is
 * @param output how the output is quantized, if it is
 */
record CompressedTensorsScheme(SchemeName schemeName, WeightFormat weights, Optional<ActivationFormat> input,
        Optional<ActivationFormat> output) implements LinearScheme {
    @Override
    public String name() {
        return schemeName.peerClass();
    }

    @Override
    public int minCapability() {
        return schemeName.minCapability();
    }

    @Override
    public Parameters createWeights(LinearSpec spec) {
        List<ParameterSpec> parameters = new ArrayList<>(weights.parameters(spec));
        input.ifPresent(format -> {
            format.requireSizes(spec);
            parameters.addAll(format.parameters());
        });
        output.ifPresent(format -> parameters.addAll(format.parameters()));
        parameters.add(Bias.PARAMETER);
        return new Parameters(spec, parameters);
    }

    @Override
    public void check(LoadedParameters parameters) {
        weights.check(parameters);
        input.ifPresent(format -> format.quantizer(parameters));
        output.ifPresent(format -> format.quantizer(parameters));
    }

    @Override
    public WeightAssembler weightAssembler() {
        return weights::assemble;
    }

    @Override
    public Optional<Quantizer> inputQuantizer(LoadedParameters parameters, Activations activations) {
        return quantizer(input, parameters, activations);
    }

    @Override
    public QuantizedLinear processWeightsAfterLoading(LoadedParameters parameters, Activations activations) {
        return new QuantizedLinear(this, parameters, inputQuantizer(parameters, activations),
                quantizer(output, parameters, activations));
    }

    private static Optional<Quantizer> quantizer(Optional<ActivationFormat> format,
            LoadedParameters parameters,
            Activations activations) {
        return activations == Activations.OFF
                ? Optional.empty()
                : format.flatMap(some -> some.quantizer(parameters));
    }
}
