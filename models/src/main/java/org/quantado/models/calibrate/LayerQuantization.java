package org.quantado.models.calibrate;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import org.quantado.kernels.codec.ModelDtype;
import org.quantado.kernels.hessian.Hessian;
import org.quantado.models.decoder.TapPoint;
import org.quantado.schemes.checkpoint.DType;
import org.quantado.schemes.checkpoint.Shape;
import org.quantado.schemes.gptq.Gptq;
import org.quantado.schemes.quantize.Activation;
import org.quantado.schemes.quantize.ActivationScales;
import org.quantado.schemes.quantize.CalibrationWork;
import org.quantado.schemes.quantize.FloatWeight;
import org.quantado.schemes.quantize.LayerError;
import org.quantado.schemes.quantize.PlannedLayer;
import org.quantado.schemes.quantize.QuantizeException;
import org.quantado.schemes.quantize.QuantizedWeight;
import org.quantado.schemes.quantize.RoundedWeight;
import org.quantado.schemes.quantize.ScaleSearch;
import org.quantado.schemes.quantize.TensorBytes;
import org.quantado.schemes.quantize.WeightRounding;
import org.quantado.schemes.quantize.WeightRows;

/**
 * Makes the tensors of a decoder layer, once what goes through it was observed.
 *
 * @param tensors the layer's, as they are to be quantized
 * @param planned the linear layers that are quantized, of the whole model
 * @param samples that were observed
 */
record LayerQuantization(CalibrationWork work, Recipe recipe, Map<String, PlannedLayer> planned, LayerTensors tensors,
        LayerObservation observation, int samples) {
    /**
     * Quantizes and adds what comes of it to what is finished.
     *
     * @param taps all that can be read of the layer
     * @param attention name of its attention module
     */
    Finished run(List<TapPoint> taps, String attention) {
        Map<String, TensorBytes> made = new LinkedHashMap<>();
        List<LayerError> errors = new ArrayList<>();
        Optional<Gptq> gptq = recipe.gptq().map(options -> new Gptq(options, work::warn));
        tensors.changed().forEach((name, tensor) -> {
            boolean isQuantized = planned.containsKey(moduleOf(name))
                    && name.equals(PlannedLayer.weightOf(moduleOf(name)));
            if (!isQuantized) {
                made.put(name, new TensorBytes(tensor.dtype(), tensor.shape(), tensor.data()));
            }
        });
        for (TapPoint point : taps) {
            switch (point.kind()) {
                case INPUT -> {
                    for (PlannedLayer layer : plannedOf(point)) {
                        errors.add(quantize(layer, point, gptq, made));
                        addScales(layer, Activation.INPUT, point, made);
                    }
                }
                case OUTPUT -> plannedOf(point).forEach(layer -> addScales(layer, Activation.OUTPUT, point, made));
                case STATE -> {
                    if (observation.wants(point)) {
                        addCacheScale(attention, point, made);
                    }
                }
            }
        }
        return new Finished(made, errors);
    }

    /** Tensors by full name, and errors of linear layers. */
    record Finished(Map<String, TensorBytes> tensors, List<LayerError> errors) {
    }

    private static String moduleOf(String tensor) {
        return tensor.substring(0, Math.max(0, tensor.lastIndexOf('.')));
    }

    private List<PlannedLayer> plannedOf(TapPoint point) {
        return point.modules().stream().filter(planned::containsKey).map(planned::get).toList();
    }

    private LayerError quantize(PlannedLayer layer, TapPoint point, Optional<Gptq> gptq,
            Map<String, TensorBytes> made) {
        FloatWeight weight = tensors.weight(layer.name());
        WeightRounding rounding = new WeightRounding(layer.scheme(), layer.dtype(), amax(layer, tensors),
                work.observer());
        RoundedWeight rounded = gptq
                .map(some -> some.quantize(weight, rounding, observation.hessian(point, samples)).rounded())
                .orElseGet(() -> rounding.toNearest(weight, weight.columns()));
        QuantizedWeight quantized = rounded.write(layer.name(), layer.group().name(), weight, Arena.ofAuto());
        quantized.tensors().forEach((part, bytes) -> put(layer, part, bytes, made));
        return recipe.measured()
                ? measured(quantized.error(), layer, weight, rounded, observation.hessian(point, samples))
                : quantized.error();
    }

    private static void put(PlannedLayer layer, String part, MemorySegment bytes, Map<String, TensorBytes> made) {
        var stored = layer.tensors().get(layer.tensor(part));
        made.put(layer.tensor(part), new TensorBytes(stored.dtype(), stored.shape(), bytes));
    }

    /** The largest magnitude of all weights that share a global scale; of no use to other schemes. */
    private static float amax(PlannedLayer layer, LayerTensors tensors) {
        float amax = 0;
        if (layer.scheme().hasGlobalScale()) {
            for (String name : layer.together()) {
                amax = Math.max(amax, ScaleSearch.amax(WeightRows.of(tensors.tensor(PlannedLayer.weightOf(name)))));
            }
        }
        return amax;
    }

    /** Beside what the method lost, what is lost by rounding the weight of the input to nearest. */
    private LayerError measured(LayerError error, PlannedLayer layer, FloatWeight weight, RoundedWeight rounded,
            Hessian hessian) {
        FloatWeight original = tensors.original(layer.name());
        RoundedWeight nearest = new WeightRounding(layer.scheme().inOrder(), layer.dtype(), originalAmax(layer),
                work.observer()).toNearest(original, original.columns());
        double signal = WeightedSum.squares(weight::read, weight.rows(), hessian, samples);
        double own = WeightedSum.squares(row -> difference(weight.read(row), rounded.decode(row)), weight.rows(),
                hessian,
                samples);
        double ofNearest = WeightedSum.squares(row -> {
            float[] difference = difference(original.read(row), nearest.decode(row));
            for (int k = 0; k < difference.length; k++) {
                difference[k] *= tensors.factor(layer.name(), row, weight.rows(), k);
            }
            return difference;
        }, weight.rows(), hessian, samples);
        double nearestSqnr = nearest.write(layer.name(), layer.group().name(), original, Arena.ofAuto()).error().sqnr();
        return error.with(
                new LayerError.Outputs(Math.sqrt(own / signal), Math.sqrt(ofNearest / signal), nearestSqnr));
    }

    private float originalAmax(PlannedLayer layer) {
        return amax(layer, new LayerTensors(work));
    }

    private static float[] difference(float[] values, float[] others) {
        for (int k = 0; k < values.length; k++) {
            values[k] -= others[k];
        }
        return values;
    }

    private void addScales(PlannedLayer layer, Activation activation, TapPoint point, Map<String, TensorBytes> made) {
        if (activation.calibrated(layer.group()).isPresent()) {
            RangeObserver range = finite(layer.name(), observation.range(point, layer, activation));
            ActivationScales.of(layer, activation, range.min(), range.max())
                    .forEach((part, bytes) -> put(layer, part, bytes, made));
        }
    }

    private void addCacheScale(String attention, TapPoint point, Map<String, TensorBytes> made) {
        RangeObserver range = finite(attention, observation.cacheRange(point));
        DType dtype = tensors.tensor(work.firstBelow(attention)).dtype();
        made.put(attention + (point.name().equals(TapPoint.KEYS) ? ".k_scale" : ".v_scale"),
                new TensorBytes(dtype, Shape.of(1),
                        ActivationScales.ofCache(range.min(), range.max(), ModelDtype.valueOf(dtype.name()))));
    }

    private static RangeObserver finite(String layer, RangeObserver range) {
        if (!Optional.ofNullable(range).map(RangeObserver::isFinite).orElse(false)) {
            throw new QuantizeException("layer " + layer
                    + ": found activations that are not finite, expected finite ones to find a static scale of");
        }
        return range;
    }
}
