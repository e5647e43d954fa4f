package org.quantado.schemes.quantize;

import java.util.Map;
import org.quantado.schemes.config.QuantizationArgs;

/** How the range of a block's values is chosen, from which its scale follows. */
public enum Observer {
    /** From the smallest to the largest value. */
    MINMAX("memoryless_minmax", 1),
    /**
     * As MINMAX, or narrower by up to {@value #LARGEST_SHRINK} percent where that lowers the sum of the block's squared
     * errors: the values at the ends are clamped, and all others get finer steps.
     * <p>
     * The grid is that of llm-compressor's observer of the same name; its error is the sum of powers of 2.4 unless told
     * otherwise, as the config that is written does.
     */
    MSE("memoryless_mse", Observer.LARGEST_SHRINK);

    private static final int LARGEST_SHRINK = 20;
    private static final float PERCENT = 100;
    private static final double SQUARES = 2.0;

    private final String peerName;
    private final int candidates;

    Observer(String peerName, int candidates) {
        this.peerName = peerName;
        this.candidates = candidates;
    }

    /** How a config says that weights were observed so. */
    QuantizationArgs applyTo(QuantizationArgs weights) {
        return weights.withObserver(peerName, this == MSE ? Map.of("norm", SQUARES) : Map.of());
    }

    /** How many ranges are tried. */
    int candidates() {
        return candidates;
    }

    /** What the extremes of a block are multiplied by; 1 for the first candidate, less for each further one. */
    float factor(int candidate) {
        return 1 - candidate / PERCENT;
    }
}
