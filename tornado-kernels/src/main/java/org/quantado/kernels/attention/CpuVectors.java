package org.quantado.kernels.attention;

import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.vectors.Float16;

/** What kernels of {@link CpuAttention} do with the lanes of vectors: straight-line code that TornadoVM inlines. */
final class CpuVectors {
    /** Lower than any score. */
    static final float NOTHING = -1.0e38f;

    private static final float LOG2_E = 1.442695f;

    private CpuVectors() {
    }

    static Float16 splat(float x) {
        return new Float16(x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x);
    }

    static Float16 multiplyAdd(Float16 sum, Float16 vector, float x) {
        return Float16.add(sum, Float16.mult(vector, splat(x)));
    }

    static void store(Float16 vector, float[] to, int first) {
        for (int i = 0; i < 16; i++) {
            to[first + i] = vector.get(i);
        }
    }

    static Float16 load(float[] from, int first) {
        Float16 vector = new Float16();
        for (int i = 0; i < 16; i++) {
            vector.set(i, from[first + i]);
        }
        return vector;
    }

    /**
     * Turns dot products of neighbouring positions into scores; {@link #NOTHING} for those that a query does not see.
     *
     * @param dots 16 from {@code at} on, written
     * @param seenFrom the first of them that the query sees
     * @param seenTo the first after it that the query does not see any more
     * @param capped 1 if there is a cap
     */
    static void score(float[] dots, int at, float cap, int seenFrom, int seenTo, int capped) {
        if (capped == 1) {
            for (int i = at; i < at + seenTo; i++) {
                dots[i] = cap - 2.0f * cap / (1.0f + TornadoMath.exp(2.0f * dots[i] / cap));
            }
        }
        for (int i = at; i < at + seenFrom; i++) {
            dots[i] = NOTHING;
        }
        for (int i = at + seenTo; i < at + 16; i++) {
            dots[i] = NOTHING;
        }
    }

    static float largest(Float16 v) {
        float a = TornadoMath.max(TornadoMath.max(v.get(0), v.get(8)), TornadoMath.max(v.get(4), v.get(12)));
        float b = TornadoMath.max(TornadoMath.max(v.get(1), v.get(9)), TornadoMath.max(v.get(5), v.get(13)));
        float c = TornadoMath.max(TornadoMath.max(v.get(2), v.get(10)), TornadoMath.max(v.get(6), v.get(14)));
        float d = TornadoMath.max(TornadoMath.max(v.get(3), v.get(11)), TornadoMath.max(v.get(7), v.get(15)));
        return TornadoMath.max(TornadoMath.max(a, c), TornadoMath.max(b, d));
    }

    static float total(Float16 v) {
        float a = (v.get(0) + v.get(8)) + (v.get(4) + v.get(12));
        float b = (v.get(1) + v.get(9)) + (v.get(5) + v.get(13));
        float c = (v.get(2) + v.get(10)) + (v.get(6) + v.get(14));
        float d = (v.get(3) + v.get(11)) + (v.get(7) + v.get(15));
        return (a + c) + (b + d);
    }

    /**
     * {@code exp(score - top)} for scores up to top, 0 where it is below 2^-60: {@code 2^n * 2^f} with the series of
     * {@code exp(f ln 2)} for f from -1/2 to 1/2, the first term that is left out of which is 5e-9. A NaN or an infinity
     * gives NaN.
     */
    static Float16 weights(Float16 scores, float top) {
        Float16 powers = Float16.mult(Float16.sub(scores, splat(top)), splat(LOG2_E));
        Float16 fractions = new Float16();
        Float16 octaves = new Float16();
        for (int i = 0; i < 16; i++) {
            float power = TornadoMath.max(powers.get(i), -60.0f);
            int octave = (int) (power - 0.5f);
            int half = octave >> 1;
            int counts = Math.min(1, (int) (TornadoMath.max(powers.get(i), -61.0f) + 61.0f));
            octaves.set(i, (float) ((1 << (30 + half)) * counts) * (float) (1 << (30 + octave - half)) * 0x1p-60f);
            fractions.set(i, power - octave);
        }
        Float16 sum = splat(1.5252734e-5f);
        sum = Float16.add(Float16.mult(sum, fractions), splat(0.0001540353f));
        sum = Float16.add(Float16.mult(sum, fractions), splat(0.0013333558f));
        sum = Float16.add(Float16.mult(sum, fractions), splat(0.009618129f));
        sum = Float16.add(Float16.mult(sum, fractions), splat(0.05550411f));
        sum = Float16.add(Float16.mult(sum, fractions), splat(0.2402265f));
        sum = Float16.add(Float16.mult(sum, fractions), splat(0.6931472f));
        sum = Float16.add(Float16.mult(sum, fractions), splat(1.0f));
        return Float16.add(Float16.mult(sum, octaves), Float16.mult(scores, splat(0.0f)));
    }
}
