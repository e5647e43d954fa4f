package org.quantado.models.calibrate;

import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

import org.quantado.kernels.codec.ModelDtype;
import org.quantado.models.decoder.TapPoint;
import org.quantado.schemes.config.QuantizationArgs;
import org.quantado.schemes.config.QuantizationStrategy;
import org.quantado.schemes.quantize.Activation;
import org.quantado.schemes.quantize.ActivationScales;
import org.quantado.schemes.quantize.PlannedInput;
import org.quantado.schemes.quantize.PlannedLayer;

/**
 * What of a decoder layer has to be known before it is quantized: Hessians of inputs, and ranges of what has static scales.
 *
 * @param taps all that can be read of the layer
 */
record LayerObservation(PlannedInput input, Recipe recipe, List<TapPoint> taps) {
    /**
     * Columns that have a range of their own.
     *
     * @param point where they are
     * @param first of them
     * @param columns how many; all from the first on if there is none
     * @param args that ask for the range; none for cached keys and values
     * @param dtype that values are rounded to
     */
    record Ranged(TapPoint point, int first, Optional<Integer> columns, Optional<QuantizationArgs> args,
            ModelDtype dtype) {
        private ActivationObserver observer() {
            return args.map(some -> some.observer().flatMap(ActivationObserver::named).orElseThrow())
                    .orElse(ActivationObserver.STATIC_MINMAX);
        }

        SampleRange sampleRange() {
            return new SampleRange(observer(), dtype,
                    args.filter(some -> some.strategy() == QuantizationStrategy.TENSOR)
                            .map(some -> ActivationScales.grid(some, dtype)));
        }

        RangeAverage average() {
            return new RangeAverage(observer(), dtype);
        }
    }

    /** What has to be read. */
    Set<TapPoint> wanted() {
        Set<TapPoint> wanted = new LinkedHashSet<>(summed());
        ranged().forEach(some -> wanted.add(some.point));
        return wanted;
    }

    /** Inputs by whose Hessians weights are rounded. */
    Set<TapPoint> summed() {
        Set<TapPoint> summed = new LinkedHashSet<>();
        if (recipe.gptq().isPresent() || recipe.measured()) {
            taps.stream().filter(point -> point.kind() == TapPoint.Kind.INPUT && !planned(point).isEmpty())
                    .forEach(summed::add);
        }
        return summed;
    }

    /** The linear layers that are quantized, of those at a place. */
    List<PlannedLayer> planned(TapPoint point) {
        return point.modules().stream().filter(input.layers()::containsKey).map(input.layers()::get).toList();
    }

    /** All that has a range, in the same order in each process. */
    List<Ranged> ranged() {
        Set<Ranged> all = new LinkedHashSet<>();
        for (TapPoint point : taps) {
            switch (point.kind()) {
                case INPUT ->
                    planned(point).forEach(layer -> range(point, layer, Activation.INPUT).ifPresent(all::add));
                case OUTPUT ->
                    planned(point).forEach(layer -> range(point, layer, Activation.OUTPUT).ifPresent(all::add));
                case STATE -> {
                    if (isCached(point)) {
                        all.add(cacheRange(point));
                    }
                }
            }
        }
        return new ArrayList<>(all);
    }

    /** Whether these are keys or values that are cached with a scale. */
    boolean isCached(TapPoint point) {
        return recipe.fp8Cache() && (point.name().equals(TapPoint.KEYS) || point.name().equals(TapPoint.VALUES));
    }

    /** The range of a layer's activations, if they have a static scale. */
    Optional<Ranged> range(TapPoint point, PlannedLayer layer, Activation activation) {
        Optional<QuantizationArgs> calibrated = activation.calibrated(layer.group());
        if (calibrated.isEmpty() || activation == Activation.INPUT) {
            return calibrated.map(args -> new Ranged(point, 0, Optional.empty(), calibrated, layer.dtype()));
        }
        int first = point.modules().subList(0, point.modules().indexOf(layer.name())).stream().mapToInt(this::outputs)
                .sum();
        return Optional.of(new Ranged(point, first, Optional.of(layer.rows()), calibrated, layer.dtype()));
    }

    /** The range of keys or values. */
    Ranged cacheRange(TapPoint point) {
        return new Ranged(point, 0, Optional.empty(), Optional.empty(), ModelDtype.F32);
    }

    private int outputs(String module) {
        return Math.toIntExact(
                input.tensor(PlannedLayer.weightOf(module), Arena.ofAuto()).shape().dimension(0));
    }
}
