package org.quantado.schemes.smooth;

import java.util.List;
import org.quantado.kernels.codec.ModelDtype;
import org.quantado.schemes.quantize.FloatWeight;

/** Scales channels: what reads them is multiplied, what makes them is divided. Each result takes the type of the weight. */
public final class Channels {
    private Channels() {
    }

    /** A weight that reads the channels, with its columns multiplied by scales {@code [K]}. */
    public static FloatWeight multiplied(FloatWeight weight, float[] scales) {
        requireSame(List.of(weight), scales);
        float[] values = new float[weight.values().length];
        for (int i = 0; i < values.length; i++) {
            values[i] = weight.dtype().round(weight.values()[i] * scales[i % scales.length]);
        }
        return weight.with(values);
    }

    /**
     * A weight that makes the channels, with its rows divided by scales. Where it makes more, such as a fused q, k and v,
     * the channels are its last rows.
     *
     * @throws IllegalArgumentException if it makes fewer
     */
    public static FloatWeight divided(FloatWeight weight, float[] scales) {
        int first = weight.rows() - scales.length;
        if (first < 0) {
            throw new IllegalArgumentException(weight.name() + " makes " + weight.rows() + " channels, but there are "
                    + scales.length + " scales");
        }
        float[] values = weight.values().clone();
        for (int i = first * weight.columns(); i < values.length; i++) {
            values[i] = weight.dtype().round(values[i] / scales[i / weight.columns() - first]);
        }
        return weight.with(values);
    }

    /** The weight of a norm, or a bias, that makes the channels, divided by scales of the same number. */
    public static float[] divided(float[] values, float[] scales, ModelDtype dtype) {
        if (values.length != scales.length) {
            throw new IllegalArgumentException(values.length + " channels, but there are " + scales.length + " scales");
        }
        float[] divided = new float[values.length];
        for (int k = 0; k < divided.length; k++) {
            divided[k] = dtype.round(values[k] / scales[k]);
        }
        return divided;
    }

    static void requireSame(List<FloatWeight> layers, float[] channels) {
        for (FloatWeight layer : layers) {
            if (layer.columns() != channels.length) {
                throw new IllegalArgumentException(layer.name() + " reads " + layer.columns()
                        + " channels, but there are " + channels.length);
            }
        }
    }
}
