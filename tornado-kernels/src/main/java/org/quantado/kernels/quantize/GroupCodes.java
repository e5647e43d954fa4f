package org.quantado.kernels.quantize;

import org.quantado.kernels.codec.FloatCodes;
import org.quantado.kernels.codec.ModelDtype;
import org.quantado.kernels.codec.RoundToDtype;
import org.quantado.kernels.codec.RoundToInt;
import org.quantado.kernels.codec.TableOf16;
import org.quantado.kernels.codec.Thresholds;
import org.quantado.kernels.graph.LayerGraph;
import org.quantado.kernels.graph.Rows;

import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.common.TaskPackage;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * The stage after the scales: every value gets its code, and the value which that code and its group's scale stand
 * for, one work-item per value.
 *
 * @param groupSize number of neighbouring columns that share a scale
 * @param scaleCodes {@code [M, K/groupSize]}, handed on; the zero points of integer codes
 * @param factors {@code [M, K/groupSize]}, what x is divided or multiplied by
 * @param scales {@code [M, K/groupSize]}, what codes are multiplied by
 * @param scaling whether x is divided by the factors or multiplied; the two round differently
 */
record GroupCodes(int groupSize, IntArray scaleCodes, FloatArray factors, FloatArray scales,
        Scaling scaling) {
    enum Scaling {
        DIVIDE, MULTIPLY
    }

    /** How halfway cases are rounded to integers. */
    enum Ties {
        TO_EVEN, AWAY_FROM_ZERO
    }

    /** Adds the task that encodes x in a float format. */
    Quantized addFloats(LayerGraph graph, String stage, Rows x, FloatFormat format, boolean keepCodes) {
        Rows values = x.with(new FloatArray(x.values().getSize()));
        IntArray codes = new IntArray(keepCodes ? x.values().getSize() : 1);
        graph.constants(format.table());
        graph.task(TaskPackage.createPackage(stage + "Codes", GroupCodes::floats, x.values(), factors, scales,
                format.table(), x.shape(), codes, values.values(), groupSize, divide(), format.inverseNormal(),
                format.stepsPerOctave(), format.largest(), format.signBit(), format.keepsNegativeZero() ? 1 : 0,
                format.nanCode()), x.width(), x.capacity());
        return new Quantized(values, codes, scales, scaleCodes);
    }

    /** Adds the task that encodes x as the nearest values of a table; x is multiplied by the factors. */
    Quantized addTable(LayerGraph graph, String stage, Rows x, TableOf16 table, boolean keepCodes) {
        Rows values = x.with(new FloatArray(x.values().getSize()));
        IntArray codes = new IntArray(keepCodes ? x.values().getSize() : 1);
        FloatArray tableValues = table.table();
        FloatArray thresholds = table.thresholds();
        graph.constants(tableValues, thresholds);
        graph.task(TaskPackage.createPackage(stage + "Codes", GroupCodes::nearest, x.values(), factors, scales,
                tableValues, thresholds, x.shape(), codes, values.values(), groupSize), x.width(), x.capacity());
        return new Quantized(values, codes, scales, scaleCodes);
    }

    /**
     * Adds the task that encodes x as integers.
     *
     * @param bits of a code
     * @param dtype the type that every step is rounded to
     */
    Quantized addIntegers(LayerGraph graph, String stage, Rows x, int bits, Ties ties, ModelDtype dtype,
            boolean keepCodes) {
        Rows values = x.with(new FloatArray(x.values().getSize()));
        IntArray codes = new IntArray(keepCodes ? x.values().getSize() : 1);
        FloatArray rounding = dtype.roundingTable();
        graph.constants(rounding);
        graph.task(TaskPackage.createPackage(stage + "Codes", GroupCodes::integers, x.values(), factors,
                scales,
                scaleCodes, rounding, x.shape(), codes, values.values(), x.width(), groupSize, divide(),
                ties == Ties.AWAY_FROM_ZERO ? 1 : 0, dtype == ModelDtype.F32 ? 0 : 1, 1 << (bits - 1),
                keepCodes ? 1 : 0),
                x.width(),
                x.capacity());
        return new Quantized(values, codes, scales, scaleCodes);
    }

    private int divide() {
        return scaling == Scaling.DIVIDE ? 1 : 0;
    }

    /**
     * Codes of a float format.
     *
     * @param x {@code [M, K]}
     * @param factors {@code [M, K/groupSize]}: x is divided by them if {@code divide} is 1, else multiplied
     * @param scales {@code [M, K/groupSize]}
     * @param shape M and K
     * @param codes {@code [M, K]}, or one element, where they are not wanted
     * @param values {@code [M, K]}, {@code table[code] * scale}
     */
    static void floats(FloatArray x, FloatArray factors, FloatArray scales, FloatArray table, IntArray shape,
            IntArray codes, FloatArray values, int groupSize, int divide, float inverseNormal, float stepsPerOctave,
            int largest, int signBit, int keepsNegativeZero, int nanCode) {
        for (@Parallel int k = 0; k < shape.get(1); k++) {
            for (@Parallel int m = 0; m < shape.get(0); m++) {
                int at = m * shape.get(1) + k;
                int group = m * ((shape.get(1) + groupSize - 1) / groupSize) + k / groupSize;
                float factor = factors.get(group);
                float value = x.get(at);
                float scaled = value * factor;
                if (divide == 1) {
                    scaled = value / factor;
                }
                float signed = scaled;
                if (keepsNegativeZero == 1) {
                    signed = scaled + 1.0f / scaled;
                }
                int magnitude = FloatCodes.nearest(TornadoMath.abs(scaled), inverseNormal, stepsPerOctave, largest);
                int sign = signed < 0.0f ? signBit : 0;
                int code = Float.isNaN(scaled) ? nanCode : magnitude + sign;
                values.set(at, table.get(code) * scales.get(group));
                if (at < codes.getSize()) {
                    codes.set(at, code);
                }
            }
        }
    }

    /**
     * Codes of the nearest values of a table, halfway cases to the lower one.
     *
     * @param x {@code [M, K]}
     * @param factors {@code [M, K/groupSize]}, what x is multiplied by
     * @param scales {@code [M, K/groupSize]}
     * @param table the value of each code, ascending
     * @param thresholds what lies halfway between them, padded
     * @param shape M and K
     * @param codes {@code [M, K]}, or one element, where they are not wanted
     * @param values {@code [M, K]}, {@code table[code] * scale}
     */
    static void nearest(FloatArray x, FloatArray factors, FloatArray scales, FloatArray table, FloatArray thresholds,
            IntArray shape, IntArray codes, FloatArray values, int groupSize) {
        for (@Parallel int k = 0; k < shape.get(1); k++) {
            for (@Parallel int m = 0; m < shape.get(0); m++) {
                int at = m * shape.get(1) + k;
                int group = m * ((shape.get(1) + groupSize - 1) / groupSize) + k / groupSize;
                int code = Thresholds.rank(thresholds, table.getSize(), x.get(at) * factors.get(group));
                values.set(at, table.get(code) * scales.get(group));
                if (at < codes.getSize()) {
                    codes.set(at, code);
                }
            }
        }
    }

    /**
     * Integer codes, {@code -offset} to {@code offset - 1}.
     *
     * @param x {@code [M, K]}
     * @param factors {@code [M, K/groupSize]}: x is divided by them if {@code divide} is 1, else multiplied; a group
     *     whose factor is 0 is all zeros
     * @param scales {@code [M, K/groupSize]}
     * @param zeroPoints {@code [M, K/groupSize]}
     * @param rounding table of the type that steps are rounded to, if {@code narrow} is 1
     * @param shape M and K
     * @param codes {@code [M, K]} if {@code keepCodes} is 1, else not written
     * @param values {@code [M, K]}, {@code (code - zeroPoint) * scale}
     */
    static void integers(FloatArray x, FloatArray factors, FloatArray scales, IntArray zeroPoints,
            FloatArray rounding, IntArray shape, IntArray codes, FloatArray values, int inputs, int groupSize,
            int divide,
            int tiesAway, int narrow, int offset, int keepCodes) {
        for (@Parallel int k = 0; k < shape.get(1); k++) {
            for (@Parallel int m = 0; m < shape.get(0); m++) {
                int group = m * ((inputs + groupSize - 1) / groupSize) + k / groupSize;
                float factor = factors.get(group);
                float zeroPoint = zeroPoints.get(group);
                float value = x.get(m * inputs + k);
                float scaled = value * factor;
                if (divide == 1) {
                    scaled = value / factor;
                }
                if (narrow == 1) {
                    scaled = RoundToDtype.round(scaled, rounding);
                }
                float rounded = RoundToInt.halfToEven(scaled);
                if (tiesAway == 1) {
                    rounded = RoundToInt.halfAwayFromZero(scaled);
                }
                float code = zeroPoint;
                if (factor > 0.0f) {
                    code = TornadoMath.max(-1.0f * offset, TornadoMath.min(offset - 1.0f, rounded + zeroPoint));
                }
                float decoded = (code - zeroPoint) * scales.get(group);
                if (narrow == 1) {
                    decoded = RoundToDtype.round(decoded, rounding);
                }
                values.set(m * inputs + k, decoded);
                if (keepCodes == 1) {
                    codes.set(m * inputs + k, (int) code);
                }
            }
        }
    }
}
