package org.quantado.kernels.codec;

import uk.ac.manchester.tornado.api.math.TornadoMath;

/**
 * Rounding floats to integers. Results are floats, since callers clamp before they narrow; infinities and NaN stay what
 * they are. Every step is exact, so that nothing depends on a device's rounding. All kernel-usable.
 */
public final class RoundToInt {
    private RoundToInt() {
    }

    /** The nearest integer, ties to the even one: {@link Math#rint}, {@code torch.round}. */
    public static float halfToEven(float value) {
        float magnitude = TornadoMath.abs(value);
        float below = TornadoMath.floor(magnitude);
        float fraction = magnitude - below;
        float odd = below - 2.0f * TornadoMath.floor(below * 0.5f);
        float up = fraction == 0.5f ? odd : (fraction > 0.5f ? 1.0f : 0.0f);
        float rounded = below + up;
        return fraction == 0.0f ? value : (value < 0.0f ? -rounded : rounded);
    }

    /** The nearest integer, ties away from zero: C's {@code roundf}. */
    public static float halfAwayFromZero(float value) {
        float magnitude = TornadoMath.abs(value);
        float below = TornadoMath.floor(magnitude);
        float fraction = magnitude - below;
        float rounded = below + (fraction >= 0.5f ? 1.0f : 0.0f);
        return fraction == 0.0f ? value : (value < 0.0f ? -rounded : rounded);
    }
}
