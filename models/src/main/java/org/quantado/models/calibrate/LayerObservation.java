package org.quantado.models.calibrate;

import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import org.quantado.kernels.codec.ModelDtype;
import org.quantado.kernels.hessian.Hessian;
import org.quantado.kernels.hessian.HessianSum;
import org.quantado.models.decoder.LayerRun;
import org.quantado.models.decoder.TapPoint;
import org.quantado.schemes.config.QuantizationArgs;
import org.quantado.schemes.config.QuantizationStrategy;
import org.quantado.schemes.quantize.Activation;
import org.quantado.schemes.quantize.ActivationScales;
import org.quantado.schemes.quantize.CalibrationWork;
import org.quantado.schemes.quantize.PlannedLayer;

import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/** What goes through a decoder layer: Hessians of inputs, and ranges of what has static scales. Not thread-safe. */
final class LayerObservation implements AutoCloseable {
    private final CalibrationWork work;
    private final Recipe recipe;
    private final Map<String, PlannedLayer> planned;
    private final Map<TapPoint, HessianSum> sums = new HashMap<>();
    private final Map<TapPoint, Hessian> hessians = new HashMap<>();
    private final Map<TapPoint, List<Watched>> watched = new HashMap<>();
    private final Map<RangeKey, RangeObserver> ranges = new LinkedHashMap<>();

    /** Columns that are looked at by an observer. */
    private record Watched(RangeObserver observer, int first, int columns) {
    }

    /** What has a range of its own. */
    private record RangeKey(TapPoint point, int first, Optional<QuantizationArgs> args, ModelDtype dtype) {
    }

    LayerObservation(CalibrationWork work, Recipe recipe, Map<String, PlannedLayer> planned) {
        this.work = work;
        this.recipe = recipe;
        this.planned = planned;
    }

    /** Whether something of a layer is to be read. */
    boolean wants(TapPoint point) {
        return switch (point.kind()) {
            case INPUT -> wantsHessian(point) || layers(point).stream()
                    .anyMatch(layer -> Activation.INPUT.calibrated(layer.group()).isPresent());
            case OUTPUT ->
                layers(point).stream().anyMatch(layer -> Activation.OUTPUT.calibrated(layer.group()).isPresent());
            case STATE -> recipe.fp8Cache() && isCached(point);
        };
    }

    private static boolean isCached(TapPoint point) {
        return point.name().equals(TapPoint.KEYS) || point.name().equals(TapPoint.VALUES);
    }

    private boolean wantsHessian(TapPoint point) {
        return point.kind() == TapPoint.Kind.INPUT && (recipe.gptq().isPresent() || recipe.measured())
                && !layers(point).isEmpty();
    }

    private List<PlannedLayer> layers(TapPoint point) {
        return point.modules().stream().filter(planned::containsKey).map(planned::get).toList();
    }

    /** Reads a sample; that before it is complete. */
    LayerRun.Reader reader(int sample, SampleRuns.Rows rows) {
        if (sample > 0) {
            endSample();
        }
        return this::read;
    }

    private void read(TapPoint point, FloatArray values, int count, int width) {
        if (wantsHessian(point)) {
            sums.computeIfAbsent(point, some -> new HessianSum(width)).add(values, count);
        }
        watched.computeIfAbsent(point, some -> watch(point, width))
                .forEach(some -> some.observer.add(values, count, width, some.first, some.columns));
    }

    private List<Watched> watch(TapPoint point, int width) {
        List<Watched> all = new ArrayList<>();
        switch (point.kind()) {
            case INPUT -> layers(point).stream().map(layer -> key(point, layer, Activation.INPUT, 0))
                    .flatMap(Optional::stream).distinct().forEach(key -> all.add(new Watched(observer(key), 0, width)));
            case OUTPUT -> {
                int first = 0;
                for (String module : point.modules()) {
                    int columns = outputs(module);
                    if (planned.containsKey(module)) {
                        int from = first;
                        key(point, planned.get(module), Activation.OUTPUT, first)
                                .ifPresent(key -> all.add(new Watched(observer(key), from, columns)));
                    }
                    first += columns;
                }
            }
            case STATE -> all.add(new Watched(observer(cacheKey(point)), 0, width));
        }
        return all;
    }

    private int outputs(String module) {
        return Math.toIntExact(
                work.tensor(PlannedLayer.weightOf(module), Arena.ofAuto()).shape().dimension(0));
    }

    private static Optional<RangeKey> key(TapPoint point, PlannedLayer layer, Activation activation, int first) {
        return activation.calibrated(layer.group())
                .map(args -> new RangeKey(point, first, Optional.of(args), layer.dtype()));
    }

    private static RangeKey cacheKey(TapPoint point) {
        return new RangeKey(point, 0, Optional.empty(), ModelDtype.F32);
    }

    private RangeObserver observer(RangeKey key) {
        return ranges.computeIfAbsent(key,
                some -> key.args
                        .map(args -> new RangeObserver(
                                args.observer().flatMap(ActivationObserver::named).orElseThrow(), key.dtype,
                                args.strategy() == QuantizationStrategy.TENSOR
                                        ? Optional.of(ActivationScales.grid(args, key.dtype))
                                        : Optional.empty()))
                        .orElseGet(() -> new RangeObserver(ActivationObserver.STATIC_MINMAX, key.dtype,
                                Optional.empty())));
    }

    /** A sample went through. */
    void endSample() {
        ranges.values().forEach(RangeObserver::endSample);
    }

    /**
     * The Hessian of inputs.
     *
     * @param samples that went through
     */
    Hessian hessian(TapPoint point, int samples) {
        return hessians.computeIfAbsent(point, some -> sums.get(some).hessian(samples));
    }

    /** The range of a layer's activations that have a static scale. */
    RangeObserver range(TapPoint point, PlannedLayer layer, Activation activation) {
        int first = 0;
        if (activation == Activation.OUTPUT) {
            first = point.modules().subList(0, point.modules().indexOf(layer.name())).stream().mapToInt(this::outputs)
                    .sum();
        }
        return ranges.get(key(point, layer, activation, first).orElseThrow());
    }

    /** The range of keys or values. */
    RangeObserver cacheRange(TapPoint point) {
        return ranges.get(cacheKey(point));
    }

    @Override
    public void close() {
        sums.values().forEach(HessianSum::close);
    }
}
