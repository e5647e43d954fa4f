package org.quantado.schemes.quantize;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.quantado.schemes.config.Target;

/**
 * What is to be quantized, and how.
 *
 * @param assignments presets and the layers they are for; a layer that several point at belongs to the first that
 *            names it, else to the first that names its class
 * @param ignore layers that are left alone
 * @param observer how ranges are chosen
 * @param kept layers that the model's family keeps unquantized; those that no assignment names are left alone, and
 *            entered in the ignore list
 * @param calibration a safetensors file with inputs of layers, {@code <layer>.x} {@code [..., K]}, and where outputs
 *            are quantized outputs, {@code <layer>.y} {@code [..., N]}; this or a calibrator is needed where scales of
 *            activations are static
 * @param calibrator who quantizes the model's layers by what goes through them, if anybody does
 */
public record QuantizationRequest(List<Assignment> assignments, List<Target> ignore, List<Target> kept,
        Observer observer, Optional<Path> calibration, Optional<Calibrator> calibrator) {
    /** Every linear layer. */
    public static final List<Target> DEFAULT_TARGETS = List.of(Target.of("Linear"));
    /** The last layer, which costs the most accuracy and is left alone by convention. */
    public static final List<Target> DEFAULT_IGNORE = List.of(Target.of("lm_head"));

    public QuantizationRequest {
        assignments = List.copyOf(assignments);
        ignore = List.copyOf(ignore);
        kept = List.copyOf(kept);
    }

    /** For a model of which no layers are known to be kept unquantized, but routers. */
    public QuantizationRequest(List<Assignment> assignments, List<Target> ignore, Observer observer,
            Optional<Path> calibration) {
        this(assignments, ignore, List.of(), observer, calibration, Optional.empty());
    }

    /**
     * A preset and the layers it is for.
     *
     * @param preset how they are quantized
     * @param targets names, {@code re:} expressions or class names
     */
    public record Assignment(Preset preset, List<Target> targets) {
        public Assignment {
            targets = List.copyOf(targets);
        }
    }

    /** All linear layers but the last, with the plain observer. */
    public static QuantizationRequest of(Preset preset) {
        return new QuantizationRequest(List.of(new Assignment(preset, DEFAULT_TARGETS)), DEFAULT_IGNORE,
                Observer.MINMAX, Optional.empty());
    }

    /** The same with one more assignment. */
    public QuantizationRequest and(Preset preset, Target... targets) {
        return new QuantizationRequest(
                Stream.concat(assignments.stream(), Stream.of(new Assignment(preset, List.of(targets))))
                        .toList(),
                ignore, kept, observer, calibration, calibrator);
    }

    /** The same with other layers left alone. */
    public QuantizationRequest ignoring(List<Target> others) {
        return new QuantizationRequest(assignments, others, kept, observer, calibration, calibrator);
    }

    /** The same for a model whose family keeps some layers unquantized. */
    public QuantizationRequest keeping(List<Target> layers) {
        return new QuantizationRequest(assignments, ignore, layers, observer, calibration, calibrator);
    }

    /** The same with another observer. */
    public QuantizationRequest observedBy(Observer other) {
        return new QuantizationRequest(assignments, ignore, kept, other, calibration, calibrator);
    }

    /** The same with calibration data. */
    public QuantizationRequest calibratedBy(Path file) {
        return new QuantizationRequest(assignments, ignore, kept, observer, Optional.of(file), calibrator);
    }

    /** The same with somebody who runs the model. */
    public QuantizationRequest calibratedBy(Calibrator somebody) {
        return new QuantizationRequest(assignments, ignore, kept, observer, calibration, Optional.of(somebody));
    }
}
