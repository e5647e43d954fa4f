package org.quantado.schemes.quantize;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.quantado.schemes.checkpoint.CheckpointException;
import org.quantado.schemes.checkpoint.NearNames;
import org.quantado.schemes.checkpoint.TensorInfo;
import org.quantado.schemes.config.ConfigGroup;
import org.quantado.schemes.config.Target;
import org.quantado.schemes.select.CheckpointLayer;

/** What of a request has no effect on a checkpoint, or another one than it seems. */
final class UnusedRequests {
    private final LinearizedCheckpoint input;
    private final List<CheckpointLayer> layers;

    UnusedRequests(LinearizedCheckpoint input, List<CheckpointLayer> layers) {
        this.input = input;
        this.layers = layers;
    }

    /**
     * A sentence on each.
     *
     * @param groups what was asked for
     * @param planned the layers that are quantized
     */
    List<String> warnings(QuantizationRequest request, List<ConfigGroup> groups, Collection<PlannedLayer> planned) {
        List<String> warnings = new ArrayList<>();
        request.ignore().stream().filter(target -> !QuantizationRequest.DEFAULT_IGNORE.contains(target))
                .filter(this::matchesNothing).map(target -> matchesNothing("ignored", target)).forEach(warnings::add);
        request.assignments().forEach(assignment -> assignment.targets().stream().filter(this::matchesNothing)
                .map(target -> matchesNothing("target of " + assignment.preset().name(), target))
                .forEach(warnings::add));
        QuantizationRequest.DEFAULT_IGNORE.stream().filter(target -> !request.ignore().contains(target))
                .filter(target -> planned.stream().anyMatch(layer -> target.matchesName(layer.name())))
                .map(target -> target + " is quantized, too: the list of ignored layers replaces the usual one, which"
                        + " is " + target)
                .forEach(warnings::add);
        if (request.calibration().isPresent() && groups.stream().noneMatch(ActivationScales::areNeededFor)) {
            warnings.add("the calibration file is not used: no preset that was asked for has static scales of"
                    + " activations");
        }
        return warnings;
    }

    private boolean matchesNothing(Target target) {
        return layers.stream().noneMatch(layer -> target.matchesName(layer.name())
                || target.matchesClass(layer.layerClass().className()))
                && input.infos().stream().map(TensorInfo::name).noneMatch(target::matchesName);
    }

    private String matchesNothing(String role, Target target) {
        return role + ": no layer matches " + CheckpointException.quote(target.text())
                + NearNames.meant(target.text(), layers.stream().map(CheckpointLayer::name).toList())
                        .map(near -> "; did you mean " + CheckpointException.quote(near) + "?").orElse("");
    }
}
