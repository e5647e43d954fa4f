package org.quantado.models.decoder;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

import org.quantado.kernels.experts.GatedActivation;
import org.quantado.kernels.routing.TopKRouter;
import org.quantado.moe.LoadedMoe;
import org.quantado.moe.MoeMethod;
import org.quantado.moe.MoeSpec;
import org.quantado.schemes.linear.Activations;
import org.quantado.schemes.linear.LinearScheme;
import org.quantado.schemes.linear.LoadedParameters;

/**
 * A block of experts, found in a checkpoint.
 *
 * @param method that runs it
 * @param activations whether inputs are quantized where the config says so
 */
record MoeModule(MoeMethod method, LoadedMoe parameters, Activations activations) {
    /** What blocks must have in common to be run by one graph. */
    record Kind(String method, LinearScheme experts, LinearScheme shared, TopKRouter router, int intermediate,
            GatedActivation activation, int sharedIntermediate, boolean hasSharedGate) {
    }

    Kind kind() {
        MoeSpec spec = parameters.spec();
        return new Kind(method.name(), method.experts(), method.shared(), spec.router(), spec.intermediate(),
                spec.activation(), spec.shared().map(MoeSpec.Shared::intermediate).orElse(0),
                spec.shared().flatMap(MoeSpec.Shared::gate).isPresent());
    }

    /** Bytes in the checkpoint of the gates and ups of all experts, or of their matrices down. */
    long largestBytes() {
        return Stream.of(parameters.gateUp(), parameters.down())
                .mapToLong(ofAll -> ofAll.stream().mapToLong(LoadedParameters::bytes).sum()).max().orElse(0);
    }

    /** What can be read while the block runs; what is an expert's own is read for all tokens. */
    List<TapPoint> taps() {
        List<TapPoint> points = new ArrayList<>();
        List<String> readers = new ArrayList<>();
        parameters.spec().routerTensors().ifPresent(router -> readers.add(router.module()));
        parameters.gateUp().forEach(expert -> readers.addAll(LinearModule.modules(expert)));
        parameters.spec().shared().flatMap(MoeSpec.Shared::gate).ifPresent(readers::add);
        parameters.shared().ifPresent(shared -> {
            readers.addAll(LinearModule.modules(shared.gateUp()));
            points.addAll(taps(LayerModules.SHARED_GATE_UP, shared.gateUp(), LayerModules.SHARED_DOWN, shared.down()));
        });
        points.addFirst(TapPoint.input(LayerModules.GATE_UP, readers));
        for (int i = 0; i < parameters.down().size(); i++) {
            int expert = i;
            taps(LayerModules.GATE_UP, parameters.gateUp().get(i), LayerModules.DOWN, parameters.down().get(i)).stream()
                    .map(point -> point.ofExpert(expert)).forEach(points::add);
        }
        return points;
    }

    private static List<TapPoint> taps(String gateUp, LoadedParameters gateUpParameters, String down,
            LoadedParameters downParameters) {
        List<String> ofDown = LinearModule.modules(downParameters);
        return List.of(TapPoint.output(gateUp, LinearModule.modules(gateUpParameters)), TapPoint.input(down, ofDown),
                TapPoint.output(down, ofDown));
    }
}
