package org.quantado.models.calibrate;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;

/**
 * A decoder layer with the weights that it has at some point of being quantized, said so that every process can make them.
 *
 * @param layer its number
 * @param isFinished whether it is quantized, and its file written
 * @param scales those of its smoothings, in their order, as far as they are found
 * @param tried scales of the next smoothing with which weights are quantized to see what they cost; null if there are none
 */
record LayerVersion(int layer, boolean isFinished, List<Scales> scales, Scales tried) implements Serializable {
    LayerVersion {
        scales = List.copyOf(scales);
    }

    /** As the input has it. */
    static LayerVersion asIs(int layer) {
        return new LayerVersion(layer, false, List.of(), null);
    }

    /** Quantized. */
    static LayerVersion finished(int layer) {
        return new LayerVersion(layer, true, List.of(), null);
    }

    /** With one more smoothing. */
    LayerVersion smoothed(Scales next) {
        List<Scales> more = new ArrayList<>(scales);
        more.add(next);
        return new LayerVersion(layer, isFinished, more, null);
    }

    /** With weights that are quantized under scales of the next smoothing. */
    LayerVersion trying(Scales next) {
        return new LayerVersion(layer, isFinished, scales, next);
    }

    /** The same, with nothing tried. */
    LayerVersion kept() {
        return new LayerVersion(layer, isFinished, scales, null);
    }
}
