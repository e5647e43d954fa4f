package org.quantado.models.calibrate;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import org.quantado.kernels.codec.ModelDtype;
import org.quantado.models.calibrate.LayerObservation.Ranged;
import org.quantado.models.decoder.TapPoint;
import org.quantado.schemes.checkpoint.DType;
import org.quantado.schemes.checkpoint.Shape;
import org.quantado.schemes.quantize.Activation;
import org.quantado.schemes.quantize.ActivationScales;
import org.quantado.schemes.quantize.PlannedLayer;
import org.quantado.schemes.quantize.QuantizeException;
import org.quantado.schemes.quantize.TensorBytes;

/**
 * Makes the static scales of a decoder layer, from ranges of all samples.
 *
 * @param averages the ranges
 */
record LayerScales(LayerObservation observation, Map<Ranged, RangeAverage> averages) {
    /** @param ranges of each sample, in order: those of {@link LayerObservation#ranged} */
    static LayerScales of(LayerObservation observation, List<List<Range>> ranges) {
        List<Ranged> ranged = observation.ranged();
        Map<Ranged, RangeAverage> averages = new LinkedHashMap<>();
        ranged.forEach(some -> averages.put(some, some.average()));
        for (List<Range> sample : ranges) {
            for (int i = 0; i < sample.size(); i++) {
                averages.get(ranged.get(i)).add(sample.get(i));
            }
        }
        return new LayerScales(observation, averages);
    }

    /**
     * The scales, by full name.
     *
     * @param attention name of the layer's attention module
     * @throws QuantizeException if activations were not finite
     */
    Map<String, TensorBytes> tensors(String attention) {
        Map<String, TensorBytes> made = new LinkedHashMap<>();
        for (TapPoint point : observation.taps()) {
            switch (point.kind()) {
                case INPUT -> observation.planned(point).forEach(layer -> add(layer, Activation.INPUT, point, made));
                case OUTPUT -> observation.planned(point).forEach(layer -> add(layer, Activation.OUTPUT, point, made));
                case STATE -> {
                    if (observation.isCached(point)) {
                        addCacheScale(attention, point, made);
                    }
                }
            }
        }
        return made;
    }

    private void add(PlannedLayer layer, Activation activation, TapPoint point, Map<String, TensorBytes> made) {
        observation.range(point, layer, activation).ifPresent(ranged -> {
            RangeAverage range = finite(layer.name(), ranged);
            ActivationScales.of(layer, activation, range.min(), range.max())
                    .forEach((part, bytes) -> made.put(layer.tensor(part),
                            TensorBytes.of(layer.tensors().get(layer.tensor(part)), bytes)));
        });
    }

    private void addCacheScale(String attention, TapPoint point, Map<String, TensorBytes> made) {
        RangeAverage range = finite(attention, observation.cacheRange(point));
        DType dtype = new LayerTensors(observation.input()).tensor(observation.input().firstBelow(attention)).dtype();
        made.put(attention + (point.name().equals(TapPoint.KEYS) ? ".k_scale" : ".v_scale"),
                new TensorBytes(dtype, Shape.of(1),
                        ActivationScales.ofCache(range.min(), range.max(), ModelDtype.valueOf(dtype.name()))));
    }

    private RangeAverage finite(String layer, Ranged ranged) {
        return Optional.ofNullable(averages.get(ranged)).filter(RangeAverage::isFinite)
                .orElseThrow(() -> new QuantizeException("layer " + layer
                        + ": found activations that are not finite, expected finite ones to find a static scale of"));
    }
}
