package org.quantado.kernels.norm;

import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Kernels of {@link Norm}, one work-item for each row or head. {@code shape} holds M and a width, {@code layer} the number
 * of the layer; weight and bias are {@code [L, D]}, the bias is not read unless {@code biased} is 1.
 */
final class NormKernels {
    private NormKernels() {
    }

    /** The mean of {@code size} elements, or 0 if {@code centered} is 0. */
    private static float center(FloatArray x, int first, int size, int centered) {
        float sum = 0.0f;
        if (centered == 1) {
            for (int i = 0; i < size; i++) {
                sum += x.get(first + i);
            }
        }
        return sum / size;
    }

    /** One over the root of the mean square distance from the center, and epsilon. */
    private static float factor(FloatArray x, int first, int size, float center, float epsilon) {
        float squares = 0.0f;
        for (int i = 0; i < size; i++) {
            float distance = x.get(first + i) - center;
            squares += distance * distance;
        }
        return 1.0f / TornadoMath.sqrt(squares / size + epsilon);
    }

    /**
     * {@code y = norm(x)}.
     *
     * @param from layout of the heads of x
     * @param to layout of the heads of y
     */
    static void normalizeHeads(FloatArray x, IntArray from, FloatArray weight, FloatArray bias, IntArray layer,
            IntArray shape,
            FloatArray y, IntArray to, float epsilon, float weightOffset, int centered, int biased) {
        for (@Parallel int h = 0; h < from.get(1); h++) {
            for (@Parallel int m = 0; m < shape.get(0); m++) {
                int size = from.get(2);
                int first = m * from.get(4) + from.get(0) + h * from.get(3);
                int firstOut = m * to.get(4) + to.get(0) + h * to.get(3);
                int firstWeight = layer.get(0) * size;
                float center = center(x, first, size, centered);
                float factor = factor(x, first, size, center, epsilon);
                for (int i = 0; i < size; i++) {
                    float value = (x.get(first + i) - center) * factor * (weight.get(firstWeight + i) + weightOffset);
                    if (biased == 1) {
                        value += bias.get(firstWeight + i);
                    }
                    y.set(firstOut + i, value);
                }
            }
        }
    }

    /**
     * {@code x += multiplier * delta; y = norm(x)}.
     *
     * @param x {@code [M, D]}
     * @param delta {@code [M, D]}
     * @param y {@code [M, D]}
     */
    static void normalizeSum(FloatArray x, FloatArray delta, FloatArray weight, FloatArray bias, IntArray layer,
            IntArray shape, FloatArray y, float epsilon, float weightOffset, float multiplier, int centered,
            int biased) {
        for (@Parallel int m = 0; m < shape.get(0); m++) {
            int size = shape.get(1);
            int first = m * size;
            int firstWeight = layer.get(0) * size;
            for (int i = first; i < first + size; i++) {
                x.set(i, x.get(i) + multiplier * delta.get(i));
            }
            float center = center(x, first, size, centered);
            float factor = factor(x, first, size, center, epsilon);
            for (int i = 0; i < size; i++) {
                float value = (x.get(first + i) - center) * factor * (weight.get(firstWeight + i) + weightOffset);
                if (biased == 1) {
                    value += bias.get(firstWeight + i);
                }
                y.set(first + i, value);
            }
        }
    }

    /**
     * {@code x += multiplier * norm(delta)}.
     *
     * @param x {@code [M, D]}
     * @param delta {@code [M, D]}
     */
    static void addNorm(FloatArray x, FloatArray delta, FloatArray weight, FloatArray bias, IntArray layer,
            IntArray shape, float epsilon, float weightOffset, float multiplier, int centered, int biased) {
        for (@Parallel int m = 0; m < shape.get(0); m++) {
            int size = shape.get(1);
            int first = m * size;
            int firstWeight = layer.get(0) * size;
            float center = center(delta, first, size, centered);
            float factor = factor(delta, first, size, center, epsilon);
            for (int i = 0; i < size; i++) {
                float value = (delta.get(first + i) - center) * factor
                        * (weight.get(firstWeight + i) + weightOffset);
                if (biased == 1) {
                    value += bias.get(firstWeight + i);
                }
                x.set(first + i, x.get(first + i) + multiplier * value);
            }
        }
    }

    /** {@code x += multiplier * delta}, both {@code [M, H]}. */
    static void add(FloatArray x, FloatArray delta, IntArray shape, float multiplier) {
        for (@Parallel int i = 0; i < shape.get(1); i++) {
            for (@Parallel int m = 0; m < shape.get(0); m++) {
                int at = m * shape.get(1) + i;
                x.set(at, x.get(at) + multiplier * delta.get(at));
            }
        }
    }
}
