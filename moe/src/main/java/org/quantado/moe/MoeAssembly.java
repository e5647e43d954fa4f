package org.quantado.moe;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

import org.quantado.kernels.experts.ExpertMlp;
import org.quantado.kernels.experts.MoeBlock;
import org.quantado.kernels.experts.Router;
import org.quantado.kernels.experts.SharedExperts;
import org.quantado.kernels.matmul.ExpertWeights;
import org.quantado.kernels.quantize.Quantizer;
import org.quantado.schemes.linear.Activations;
import org.quantado.schemes.linear.LinearScheme;
import org.quantado.schemes.linear.LoadedParameters;

/** From loaded parameters to a block as the kernels see it. */
record MoeAssembly(MoeMethod method, LoadedMoe parameters, Activations activations) {
    MoeBlock block() {
        MoeSpec spec = parameters.spec();
        return new MoeBlock(
                mlp(method.experts(), parameters.gateUp(), parameters.down(), spec.localExperts()),
                spec.parallel().placement().map(spec.experts(), spec.parallel().expertRank(),
                        spec.parallel().expertSize()),
                new Router(spec.router(), parameters.router().layer().map(layer -> layer.layer(activations)),
                        parameters.router().scoreBias()),
                method.weightedInput(spec),
                parameters.shared().map(shared -> new SharedExperts(
                        mlp(method.shared(), List.of(shared.gateUp()), List.of(shared.down()), new int[]{0}),
                        shared.gate().map(gate -> gate.layer(activations)))));
    }

    private ExpertMlp mlp(LinearScheme scheme, List<LoadedParameters> gateUp, List<LoadedParameters> down,
            int[] experts) {
        return new ExpertMlp(ofThese(scheme, gateUp, experts), ofThese(scheme, down, experts),
                parameters.spec().activation(), quantizer(scheme, gateUp), quantizer(scheme, down));
    }

    private static ExpertWeights ofThese(LinearScheme scheme, List<LoadedParameters> ofAll, int[] experts) {
        return new AssembledExperts(scheme, Arrays.stream(experts).mapToObj(ofAll::get).toList());
    }

    private Optional<Quantizer> quantizer(LinearScheme scheme, List<LoadedParameters> ofAll) {
        List<Optional<Quantizer>> each = ofAll.stream()
                .map(expert -> scheme.inputQuantizer(expert, activations)).toList();
        return CommonQuantizer.of(each, parameters.spec().layerName());
    }
}
