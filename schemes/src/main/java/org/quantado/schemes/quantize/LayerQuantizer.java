package org.quantado.schemes.quantize;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.Map;

/** Quantizes layers of a plan, whichever file their tensors go to. */
final class LayerQuantizer {
    private final LinearizedCheckpoint input;
    private final Observer observer;
    private final Map<String, MemorySegment> activationScales;
    private final Map<String, Float> magnitudes = new HashMap<>();

    /** Where tensors go. */
    @FunctionalInterface
    interface Sink {
        /**
         * Takes a tensor.
         *
         * @param name full name
         * @param bytes its elements, to be read at once
         */
        void write(String name, MemorySegment bytes) throws IOException;
    }

    /** @param activationScales static scales of activations, by tensor of the output */
    LayerQuantizer(LinearizedCheckpoint input, Observer observer, Map<String, MemorySegment> activationScales) {
        this.input = input;
        this.observer = observer;
        this.activationScales = activationScales;
    }

    /**
     * Quantizes a layer.
     *
     * @param sink is given all its tensors
     * @return how far it is from what it was
     * @throws org.quantado.schemes.checkpoint.CheckpointException if a weight is not finite
     * @throws IOException if the sink does
     */
    LayerError quantize(PlannedLayer layer, Sink sink) throws IOException {
        try (Arena arena = Arena.ofShared()) {
            WeightRows weight = WeightRows.of(input.tensor(layer.weight(), arena));
            QuantizedWeight quantized = new WeightRounding(layer.scheme(), layer.dtype(), amax(layer), observer)
                    .toNearest(weight, layer.columns())
                    .write(layer.name(), layer.group().name(), weight, arena);
            for (Map.Entry<String, MemorySegment> tensor : quantized.tensors().entrySet()) {
                sink.write(layer.tensor(tensor.getKey()), tensor.getValue());
            }
            for (String part : ActivationScales.tensors(layer.group(), layer.dtype()).keySet()) {
                sink.write(layer.tensor(part), activationScales.get(layer.tensor(part)));
            }
            return quantized.error();
        }
    }

    /** The largest magnitude of all weights that share a global scale; of no use to other schemes. */
    private float amax(PlannedLayer layer) {
        float amax = 0;
        if (layer.scheme().hasGlobalScale()) {
            for (String name : layer.together()) {
                amax = Math.max(amax, magnitudes.computeIfAbsent(name, this::amax));
            }
        }
        return amax;
    }

    private float amax(String layer) {
        try (Arena arena = Arena.ofShared()) {
            return ScaleSearch.amax(WeightRows.of(input.tensor(PlannedLayer.weightOf(layer), arena)));
        }
    }
}
