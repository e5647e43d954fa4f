package org.quantado.models.decoder;

import java.util.List;
import java.util.Optional;

import org.quantado.kernels.graph.LayerNumber;
import org.quantado.kernels.matmul.FlavourChoice;
import org.quantado.kernels.matmul.LinearWeight;
import org.quantado.kernels.matmul.PreparedLinear;
import org.quantado.kernels.quantize.LayerQuantizer;
import org.quantado.kernels.quantize.Nvfp4Quantizer;
import org.quantado.kernels.quantize.Quantizer;
import org.quantado.kernels.quantize.StaticQuantizer;
import org.quantado.schemes.linear.Activations;
import org.quantado.schemes.linear.AssembledWeights;
import org.quantado.schemes.linear.LinearScheme;
import org.quantado.schemes.linear.LinearSpec;
import org.quantado.schemes.linear.LoadedParameters;
import org.quantado.schemes.linear.SchemeException;
import org.quantado.schemes.linear.WeightAssembler;

/**
 * A linear layer, found in a checkpoint.
 *
 * @param scheme that runs it
 * @param parameters of all its modules
 * @param activations whether its input is quantized where the config says so
 */
record LinearModule(LinearScheme scheme, LoadedParameters parameters, Activations activations) {
    /**
     * What layers must have in common to be run by one graph.
     *
     * @param quantizer how inputs are quantized, without a calibration
     */
    record Kind(LinearScheme scheme, boolean holdsFloats, int inputs, List<Integer> outputs,
            Optional<Object> quantizer) {
    }

    Kind kind() {
        LinearSpec spec = parameters.spec();
        return new Kind(scheme, scheme.holdsFloats(parameters), spec.inputSize(),
                spec.partitions().stream().map(LinearSpec.Partition::outputSize).toList(),
                quantizer().map(some -> some instanceof StaticQuantizer || some instanceof Nvfp4Quantizer
                        ? some.getClass()
                        : some));
    }

    /** Names of its modules in the checkpoint. */
    List<String> modules() {
        return modules(parameters);
    }

    static List<String> modules(LoadedParameters parameters) {
        return parameters.spec().partitions().stream().map(LinearSpec.Partition::module).toList();
    }

    Optional<Quantizer> quantizer() {
        return scheme.inputQuantizer(parameters, activations);
    }

    /** Weight and bias. */
    LinearWeight weight() {
        try (WeightAssembler assembler = scheme.weightAssembler()) {
            return assembler.assemble(parameters);
        }
    }

    /** The layers of one kind in the kernels' layout, read one after another. */
    static PreparedLinear prepare(List<LinearModule> layers, LayerNumber layer, FlavourChoice flavour) {
        LinearModule first = layers.getFirst();
        try {
            return PreparedLinear.of(weights(layers), flavour, quantizer(layers, layer));
        } catch (IllegalArgumentException e) {
            throw new SchemeException("layer '" + first.parameters.spec().layerName() + "': " + e.getMessage());
        }
    }

    static AssembledWeights weights(List<LinearModule> layers) {
        return new AssembledWeights(layers.getFirst().scheme, layers.stream().map(LinearModule::parameters).toList());
    }

    static Optional<Quantizer> quantizer(List<LinearModule> layers, LayerNumber layer) {
        List<Quantizer> each = layers.stream().map(LinearModule::quantizer).flatMap(Optional::stream).toList();
        return each.isEmpty() ? Optional.empty() : Optional.of(LayerQuantizer.of(each, layer).orElseThrow());
    }
}
