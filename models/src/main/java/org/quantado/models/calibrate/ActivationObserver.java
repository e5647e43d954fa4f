package org.quantado.models.calibrate;

import java.util.Optional;
import java.util.stream.Stream;

/** How the range of activations is found that a static scale follows from: llm-compressor's observers, by its names. */
public enum ActivationObserver {
    /** From the smallest to the largest value of all samples. */
    STATIC_MINMAX("static_minmax"),
    /** Moving averages of the smallest and the largest value of a sample. */
    MINMAX("minmax"),
    /**
     * Moving averages of the range of a sample that is at most a fifth narrower than from its smallest to its largest
     * value, and has the least sum of errors, each to the power of 2.4.
     */
    MSE("mse");

    private final String peerName;

    ActivationObserver(String peerName) {
        this.peerName = peerName;
    }

    /** The one that configs call so, if it is one of these. */
    static Optional<ActivationObserver> named(String peerName) {
        return Stream.of(values()).filter(observer -> observer.peerName.equals(peerName)).findFirst();
    }

    /** What configs call it. */
    public String peerName() {
        return peerName;
    }
}
