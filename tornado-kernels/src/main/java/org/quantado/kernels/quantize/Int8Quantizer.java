package org.quantado.kernels.quantize;

import org.quantado.kernels.codec.ModelDtype;
import org.quantado.kernels.graph.LayerGraph;
import org.quantado.kernels.graph.Rows;

import uk.ac.manchester.tornado.api.common.TaskPackage;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * 8-bit integers with one dynamic scale per token, as operators of vLLM and PyTorch quantize them, each by a rule of its
 * own; {@link IntQuantizer} is compressed-tensors' rule, for any width.
 */
public enum Int8Quantizer implements Quantizer {
    /** {@code scale = amax / 127}; x is multiplied by {@code 1 / scale}, ties go to even. vLLM's dynamic int8. */
    SYMMETRIC {
        @Override
        Quantized addTo(LayerGraph graph, String stage, Rows x, IntArray zeroPoints, FloatArray scales,
                boolean keepCodes) {
            return symmetric(graph, stage, x, zeroPoints, scales, keepCodes, 0.0f, GroupCodes.Ties.TO_EVEN);
        }
    },
    /**
     * As {@link #SYMMETRIC}, with an amax of at least 1e-10, and ties away from zero. vLLM's
     * {@code _per_token_quant_int8}, for experts.
     */
    SYMMETRIC_TIES_AWAY {
        @Override
        Quantized addTo(LayerGraph graph, String stage, Rows x, IntArray zeroPoints, FloatArray scales,
                boolean keepCodes) {
            return symmetric(graph, stage, x, zeroPoints, scales, keepCodes, MIN_SCALE, GroupCodes.Ties.AWAY_FROM_ZERO);
        }
    },
    /** {@code scale = (max - min) / 255}; x is divided by it, ties go to even. vLLM's dynamic int8 with azp. */
    ASYMMETRIC {
        @Override
        Quantized addTo(LayerGraph graph, String stage, Rows x, IntArray zeroPoints, FloatArray scales,
                boolean keepCodes) {
            graph.task(TaskPackage.createPackage(stage + "Scales", GroupScales::minMax, x.values(), x.shape(),
                    zeroPoints, scales, x.width(), x.width()), 1, x.capacity());
            return new GroupCodes(x.width(), zeroPoints, scales, scales, GroupCodes.Scaling.DIVIDE)
                    .addIntegers(graph, stage, x, Byte.SIZE, GroupCodes.Ties.TO_EVEN, ModelDtype.F32, keepCodes);
        }
    },
    /** A range that includes 0, ties away from zero: PyTorch's operator for 4-bit weights and 8-bit activations. */
    ASYMMETRIC_WITH_ZERO {
        @Override
        Quantized addTo(LayerGraph graph, String stage, Rows x, IntArray zeroPoints, FloatArray scales,
                boolean keepCodes) {
            FloatArray factors = new FloatArray(x.capacity());
            graph.task(TaskPackage.createPackage(stage + "Scales", GroupScales::rangeWithZero, x.values(),
                    x.shape(),
                    zeroPoints, factors, scales, x.width(), x.width()), 1, x.capacity());
            return new GroupCodes(x.width(), zeroPoints, factors, scales, GroupCodes.Scaling.MULTIPLY)
                    .addIntegers(graph, stage, x, Byte.SIZE, GroupCodes.Ties.AWAY_FROM_ZERO, ModelDtype.F32, keepCodes);
        }
    };

    private static final float MAX_CODE = 127.0f;
    /** Of an amax of 1e-10, the least. */
    private static final float MIN_SCALE = 1e-10f / MAX_CODE;

    @Override
    public Quantized addTo(LayerGraph graph, String stage, Rows x, boolean keepCodes) {
        return addTo(graph, stage, x, new IntArray(x.capacity()), new FloatArray(x.capacity()), keepCodes);
    }

    abstract Quantized addTo(LayerGraph graph, String stage, Rows x, IntArray zeroPoints, FloatArray scales,
            boolean keepCodes);

    private static Quantized symmetric(LayerGraph graph, String stage, Rows x, IntArray zeroPoints, FloatArray scales,
            boolean keepCodes, float minScale, GroupCodes.Ties ties) {
        FloatArray factors = new FloatArray(x.capacity());
        IntArray oneGroup = IntArray.fromElements(1);
        graph.constants(zeroPoints, oneGroup);
        graph.task(
                TaskPackage.createPackage(stage + "Scales", GroupScales::dividedAbsMax, x.values(), x.shape(),
                        oneGroup, factors, scales, x.width(), x.width(), MAX_CODE, minScale),
                1, x.capacity());
        return new GroupCodes(x.width(), zeroPoints, factors, scales, GroupCodes.Scaling.MULTIPLY)
                .addIntegers(graph, stage, x, Byte.SIZE, ties, ModelDtype.F32, keepCodes);
    }
}
