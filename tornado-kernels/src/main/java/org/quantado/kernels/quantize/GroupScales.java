package org.quantado.kernels.quantize;

import org.quantado.kernels.codec.E4M3;
import org.quantado.kernels.codec.E8M0;
import org.quantado.kernels.codec.RoundToDtype;
import org.quantado.kernels.codec.RoundToInt;

import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Kernels that give every group of every row its scale, one work-item per group.
 *
 * <p>In all of them x is {@code [M, K]}, {@code shape} holds M and K, scales, factors and scale codes are
 * {@code [M, K/groupSize]}. Factors are what x is multiplied by before it is rounded to a code.
 */
final class GroupScales {
    private GroupScales() {
    }

    /** How many groups of this size K has. */
    static int groups(int inputs, int groupSize) {
        if (inputs % groupSize != 0) {
            throw new IllegalArgumentException(
                    "K = " + inputs + " is not divisible by the group size " + groupSize);
        }
        return inputs / groupSize;
    }

    private static float absMax(FloatArray x, int first, int count) {
        float amax = 0.0f;
        for (int i = first; i < first + count; i++) {
            amax = TornadoMath.max(amax, TornadoMath.abs(x.get(i)));
        }
        return amax;
    }

    /**
     * E8M0 scales by the rule whose thresholds are given. The last group may be smaller than the others.
     *
     * @param groups how many K has
     * @param thresholds the values of amax at which the byte steps
     * @param powers 256 values, those of the bytes
     * @param scaleCodes the bytes
     * @param scales what they are worth
     * @param underflowCode the byte of an amax above no threshold
     */
    static void e8m0(FloatArray x, FloatArray thresholds, FloatArray powers, IntArray shape,
            IntArray groups, IntArray scaleCodes,
            FloatArray scales, int inputs, int groupSize, int underflowCode) {
        for (@Parallel int g = 0; g < groups.get(0); g++) {
            for (@Parallel int m = 0; m < shape.get(0); m++) {
                int firstColumn = g * groupSize;
                int columns = Math.min(groupSize, inputs - firstColumn);
                float amax = absMax(x, m * inputs + firstColumn, columns);
                int code = E8M0.encode(amax, thresholds, underflowCode);
                int group = m * groups.get(0) + g;
                scaleCodes.set(group, code);
                scales.set(group, powers.get(code));
            }
        }
    }

    /**
     * E4M3 scales under a global scale: {@code s = e4m3(global * amax / 6)}, {@code factor = 1 / (s / global)}.
     *
     * <p>Source: vLLM, {@code ref_nvfp4_quant}; the products are formed in its order.
     *
     * @param table the 256 values of E4M3
     * @param thresholds of E4M3, saturating
     * @param scaleCodes the bytes of s
     * @param scales {@code s / global}
     * @param globalScales several, of which a block of rows has that of its number in {@code blocks}
     */
    static void e4m3(FloatArray x, FloatArray table, FloatArray thresholds, IntArray shape,
            IntArray scaleCodes,
            FloatArray factors, FloatArray scales, FloatArray globalScales, IntArray blocks,
            int inputs, int groupSize, int rowsPerBlock) {
        for (@Parallel int g = 0; g < inputs / groupSize; g++) {
            for (@Parallel int m = 0; m < shape.get(0); m++) {
                float globalScale = globalScales.get(blocks.get(m / rowsPerBlock));
                float amax = absMax(x, m * inputs + g * groupSize, groupSize);
                int code = E4M3.encode(globalScale * (amax * (1.0f / 6.0f)), thresholds);
                float scale = table.get(code);
                float factor = 0.0f;
                if (scale > 0.0f) {
                    factor = 1.0f / (scale * (1.0f / globalScale));
                }
                int group = m * (inputs / groupSize) + g;
                scaleCodes.set(group, code);
                factors.set(group, factor);
                scales.set(group, scale / globalScale);
            }
        }
    }

    /**
     * Float scales {@code max(amax / levels, minScale)}, {@code factor = 1 / scale}; 0 for a group of zeros. The last
     * group may be smaller than the others.
     *
     * @param groups how many K has
     * @param levels the code that amax gets
     */
    static void dividedAbsMax(FloatArray x, IntArray shape, IntArray groups, FloatArray factors, FloatArray scales,
            int inputs, int groupSize, float levels, float minScale) {
        for (@Parallel int g = 0; g < groups.get(0); g++) {
            for (@Parallel int m = 0; m < shape.get(0); m++) {
                int firstColumn = g * groupSize;
                int columns = Math.min(groupSize, inputs - firstColumn);
                float amax = absMax(x, m * inputs + firstColumn, columns);
                float scale = TornadoMath.max(amax / levels, minScale);
                float factor = 0.0f;
                if (scale > 0.0f) {
                    factor = 1.0f / scale;
                }
                int group = m * groups.get(0) + g;
                factors.set(group, factor);
                scales.set(group, scale);
            }
        }
    }

    /**
     * Float scales {@code amax / levels}, rounded to a type, by which x is divided; for a group of zeros the type's
     * epsilon.
     *
     * <p>Source: compressed-tensors, {@code calculate_qparams}.
     *
     * @param rounding table of the type that scales are rounded to, if {@code narrow} is 1
     * @param levels what amax is divided by
     */
    static void roundedAbsMax(FloatArray x, FloatArray rounding, IntArray shape, FloatArray scales, int inputs,
            int groupSize, float levels, float epsilon, int narrow) {
        for (@Parallel int g = 0; g < inputs / groupSize; g++) {
            for (@Parallel int m = 0; m < shape.get(0); m++) {
                float scale = absMax(x, m * inputs + g * groupSize, groupSize) / levels;
                if (narrow == 1) {
                    scale = RoundToDtype.round(scale, rounding);
                }
                if (scale == 0.0f) {
                    scale = epsilon;
                }
                scales.set(m * (inputs / groupSize) + g, scale);
            }
        }
    }

    /**
     * Float scales of tiles of {@code tileRows} rows and {@code groupSize} columns: {@code max(amax / levels, minScale)},
     * written to every row of the tile. One work-item per tile.
     *
     * @param tiles number of tiles in K and in M
     */
    static void tileAbsMax(FloatArray x, IntArray shape, IntArray tiles, FloatArray scales, int inputs, int groupSize,
            int tileRows, float levels, float minScale) {
        for (@Parallel int g = 0; g < tiles.get(0); g++) {
            for (@Parallel int t = 0; t < tiles.get(1); t++) {
                int firstColumn = g * groupSize;
                int lastColumn = Math.min(inputs, firstColumn + groupSize);
                int lastRow = Math.min(shape.get(0), (t + 1) * tileRows);
                int groups = (inputs + groupSize - 1) / groupSize;
                float amax = 0.0f;
                for (int m = t * tileRows; m < lastRow; m++) {
                    for (int k = firstColumn; k < lastColumn; k++) {
                        amax = TornadoMath.max(amax, TornadoMath.abs(x.get(m * inputs + k)));
                    }
                }
                float scale = TornadoMath.max(amax / levels, minScale);
                for (int m = t * tileRows; m < lastRow; m++) {
                    scales.set(m * groups + g, scale);
                }
            }
        }
    }

    /**
     * Asymmetric 8-bit scales {@code (max - min) / 255} with zero points {@code rint(-128 - min / scale)}.
     *
     * <p>Source: vLLM, dynamic per-token int8 quantization with azp. A group of one repeated value takes the range
     * from 0 to it.
     *
     * @param zeroPoints the zero points
     */
    static void minMax(FloatArray x, IntArray shape, IntArray zeroPoints, FloatArray scales, int inputs,
            int groupSize) {
        for (@Parallel int g = 0; g < inputs / groupSize; g++) {
            for (@Parallel int m = 0; m < shape.get(0); m++) {
                int first = m * inputs + g * groupSize;
                float min = x.get(first);
                float max = min;
                for (int i = 1; i < groupSize; i++) {
                    min = TornadoMath.min(min, x.get(first + i));
                    max = TornadoMath.max(max, x.get(first + i));
                }
                if (min == max) {
                    min = TornadoMath.min(min, 0.0f);
                    max = TornadoMath.max(max, 0.0f);
                }
                float scale = (max - min) / 255.0f;
                float zeroPoint = 0.0f;
                if (scale > 0.0f) {
                    zeroPoint = RoundToInt.halfToEven(-128.0f - min / scale);
                }
                int group = m * (inputs / groupSize) + g;
                zeroPoints.set(group, (int) zeroPoint);
                scales.set(group, scale);
            }
        }
    }

    /**
     * Asymmetric 8-bit quantization whose range includes 0: {@code factor = 255 / (max - min)}, and the zero point
     * from the end of the range where it is the more exact.
     *
     * <p>Source: PyTorch, {@code int4mm_kernel.cpp}, dynamic quantization of rows.
     *
     * @param zeroPoints the zero points
     * @param scales {@code 1 / factor}
     */
    static void rangeWithZero(FloatArray x, IntArray shape, IntArray zeroPoints, FloatArray factors,
            FloatArray scales, int inputs, int groupSize) {
        for (@Parallel int g = 0; g < inputs / groupSize; g++) {
            for (@Parallel int m = 0; m < shape.get(0); m++) {
                int first = m * inputs + g * groupSize;
                float min = 0.0f;
                float max = 0.0f;
                for (int i = 0; i < groupSize; i++) {
                    min = TornadoMath.min(min, x.get(first + i));
                    max = TornadoMath.max(max, x.get(first + i));
                }
                float factor = 1.0f;
                if (min < max) {
                    factor = 255.0f / (max - min);
                }
                float lowest = min * factor;
                float highest = max * factor;
                float zeroPoint = 127.0f - highest;
                if ((-128.0f + lowest) + (127.0f + highest) > 0.0f) {
                    zeroPoint = -128.0f - lowest;
                }
                float clamped = TornadoMath.max(-128.0f, TornadoMath.min(127.0f, zeroPoint));
                int group = m * (inputs / groupSize) + g;
                zeroPoints.set(group, (int) RoundToInt.halfToEven(clamped));
                factors.set(group, factor);
                scales.set(group, 1.0f / factor);
            }
        }
    }
}
