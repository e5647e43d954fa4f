package org.quantado.moe;

import java.util.List;
import java.util.Optional;

import org.quantado.kernels.experts.ExpertMlp;
import org.quantado.kernels.experts.MoeBlock;
import org.quantado.kernels.experts.Router;
import org.quantado.kernels.matmul.ExpertMatrix;
import org.quantado.kernels.matmul.ExpertStack;
import org.quantado.kernels.matmul.LinearWeight;
import org.quantado.kernels.matmul.UsedArrays;
import org.quantado.kernels.quantize.Quantizer;
import org.quantado.schemes.linear.Activations;
import org.quantado.schemes.linear.LinearScheme;
import org.quantado.schemes.linear.LoadedParameters;
import org.quantado.schemes.linear.SchemeException;
import org.quantado.schemes.linear.WeightAssembler;

import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/** From loaded parameters to a block as the kernels see it. */
record MoeAssembly(MoeMethod method, LoadedMoe parameters, Activations activations) {
    MoeBlock block() {
        MoeSpec spec = parameters.spec();
        return new MoeBlock(
                mlp(method.experts(), parameters.gateUp(), parameters.down(), spec.localExperts()),
                spec.parallel().placement().map(spec.experts(), spec.parallel().expertRank(),
                        spec.parallel().expertSize()),
                router(), method.weightedInput(spec),
                parameters.shared().map(shared -> mlp(method.shared(), List.of(shared.gateUp()),
                        List.of(shared.down()), new int[]{0})));
    }

    private Router router() {
        LoadedRouter router = parameters.router();
        return new Router(parameters.spec().router(), router.weight(),
                router.bias().orElseGet(() -> new FloatArray(parameters.spec().experts())), router.scoreBias());
    }

    private ExpertMlp mlp(LinearScheme scheme, List<LoadedParameters> gateUp, List<LoadedParameters> down,
            int[] experts) {
        return new ExpertMlp(stack(scheme, gateUp, experts), stack(scheme, down, experts),
                parameters.spec().activation(), quantizer(scheme, gateUp), quantizer(scheme, down));
    }

    private ExpertMatrix stack(LinearScheme scheme, List<LoadedParameters> ofAll, int[] experts) {
        ExpertStack stack = new ExpertStack(experts.length);
        try (WeightAssembler assembler = scheme.weightAssembler()) {
            for (int expert : experts) {
                LinearWeight weight = assembler.assemble(ofAll.get(expert));
                stack.add(weight);
                UsedArrays.giveBack(weight.matrix());
            }
            return stack.matrix();
        } catch (IllegalArgumentException e) {
            throw new SchemeException("layer '" + parameters.spec().layerName() + "': " + e.getMessage());
        }
    }

    private Optional<Quantizer> quantizer(LinearScheme scheme, List<LoadedParameters> ofAll) {
        List<Optional<Quantizer>> each = ofAll.stream()
                .map(expert -> scheme.inputQuantizer(expert, activations)).toList();
        return CommonQuantizer.of(each, parameters.spec().layerName());
    }
}
