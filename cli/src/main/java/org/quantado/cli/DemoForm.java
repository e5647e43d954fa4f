package org.quantado.cli;

import java.util.List;
import java.util.Optional;

import org.quantado.schemes.linear.Activations;
import org.quantado.schemes.linear.OnlineFormat;

/**
 * A quantized form in which the demo runs each layer.
 *
 * @param label for people
 * @param online what the weights become while loading
 * @param activations whether activations are quantized too
 * @param significantBits of a code, which bound the relative error of a weight or an activation
 */
record DemoForm(String label, OnlineFormat online, Activations activations, int significantBits) {
    private static final double DECIBELS_PER_BIT = 20 * Math.log10(2);
    /** E4M3 has a hidden bit and three more. */
    private static final int E4M3_BITS = 4;

    static final List<DemoForm> ALL = List.of(
            new DemoForm("MXFP8 weights", OnlineFormat.MXFP8, Activations.OFF, E4M3_BITS),
            new DemoForm("MXFP8 weights and activations", OnlineFormat.MXFP8, Activations.CONFIG, E4M3_BITS));

    /**
     * The least signal to noise, in dB, that the format allows. A value with b significant bits is off by at most
     * {@code 2^-b} of itself; errors of weights and of activations, independent of each other, add in power.
     */
    double leastSqnr() {
        double ofOne = significantBits * DECIBELS_PER_BIT;
        return activations == Activations.OFF ? ofOne : ofOne - DECIBELS_PER_BIT / 2;
    }

    Optional<OnlineFormat> format() {
        return Optional.of(online);
    }
}
