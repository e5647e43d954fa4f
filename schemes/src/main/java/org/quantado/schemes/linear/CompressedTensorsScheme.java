package org.quantado.schemes.linear;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

import org.quantado.kernels.matmul.LinearPlan;
import org.quantado.schemes.select.SchemeName;

import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

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
        input.ifPresent(format -> parameters.addAll(format.parameters()));
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
    public QuantizedLinear processWeightsAfterLoading(LoadedParameters parameters, Activations activations) {
        LinearSpec spec = parameters.spec();
        WeightFormat.Assembled weight = weights.assemble(parameters);
        FloatArray bias = Bias.of(parameters);
        boolean quantize = activations == Activations.CONFIG;
        LinearPlan plan = new LinearPlan(weight.matrix(), bias, spec.inputSizePerPartition(),
                weight.order().map(ColumnOrder::toArray),
                input.filter(format -> quantize).flatMap(format -> format.quantizer(parameters)),
                output.filter(format -> quantize).flatMap(format -> format.quantizer(parameters)));
        return new QuantizedLinear(spec, plan, weight.matrix());
    }
}
