package org.quantado.cli;

import java.util.List;

import org.quantado.schemes.linear.Activations;
import org.quantado.schemes.linear.OnlineFormat;

/**
 * A quantized form in which the demo runs each layer.
 *
 * @param format what the weights become while loading
 * @param activations whether activations are quantized too
 * @param leastSqnr signal to noise in dB that the format gives on the demo's checkpoint, rounded down: anything less is
 *     an error
 */
record DemoForm(OnlineFormat format, Activations activations, double leastSqnr) {
    static final List<DemoForm> ALL = List.of(
            new DemoForm(OnlineFormat.MXFP8, Activations.OFF, 30),
            new DemoForm(OnlineFormat.MXFP8, Activations.CONFIG, 28),
            new DemoForm(OnlineFormat.FP8_PER_TENSOR, Activations.OFF, 30),
            new DemoForm(OnlineFormat.FP8_PER_TENSOR, Activations.CONFIG, 28),
            new DemoForm(OnlineFormat.FP8_PER_CHANNEL, Activations.OFF, 30),
            new DemoForm(OnlineFormat.FP8_PER_CHANNEL, Activations.CONFIG, 28),
            new DemoForm(OnlineFormat.FP8_PER_BLOCK, Activations.OFF, 30),
            new DemoForm(OnlineFormat.FP8_PER_BLOCK, Activations.CONFIG, 28),
            new DemoForm(OnlineFormat.INT8_PER_CHANNEL, Activations.OFF, 19),
            new DemoForm(OnlineFormat.NVFP4, Activations.OFF, 12),
            new DemoForm(OnlineFormat.MXFP4, Activations.OFF, 9),
            new DemoForm(OnlineFormat.MXFP4, Activations.CONFIG, 6));

    String label() {
        return format + (activations == Activations.OFF ? " weights" : " weights and activations");
    }
}
