package org.quantado.kernels.quantize;

import org.quantado.kernels.codec.ModelDtype;
import org.quantado.kernels.graph.LayerGraph;
import org.quantado.kernels.graph.Rows;

import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** One calibrated scale for the whole tensor. */
public sealed interface StaticQuantizer extends Quantizer {
    /** What a code is worth. */
    float scale();

    /** E4M3 codes of {@code x * (1 / scale)}. */
    record Fp8(float scale) implements StaticQuantizer {
        @Override
        public Quantized addTo(LayerGraph graph, String stage, Rows x, boolean keepCodes) {
            FloatArray factors = filled(x.capacity(), 1.0f / scale);
            FloatArray scales = filled(x.capacity(), scale);
            graph.constants(factors, scales);
            return new GroupCodes(x.width(), new IntArray(1), factors, scales, GroupCodes.Scaling.MULTIPLY)
                    .addFloats(graph, stage, x, FloatFormat.e4m3Saturating(), keepCodes);
        }
    }

    /**
     * 8-bit integers: {@code clamp(rint(x / scale) + zeroPoint)}.
     *
     * @param dtype the type that every step is rounded to
     */
    record Int8(float scale, int zeroPoint, ModelDtype dtype) implements StaticQuantizer {
        @Override
        public Quantized addTo(LayerGraph graph, String stage, Rows x, boolean keepCodes) {
            FloatArray scales = filled(x.capacity(), scale);
            IntArray zeroPoints = new IntArray(x.capacity());
            zeroPoints.init(zeroPoint);
            graph.constants(scales, zeroPoints);
            return new GroupCodes(x.width(), zeroPoints, scales, scales, GroupCodes.Scaling.DIVIDE)
                    .addIntegers(graph, stage, x, Byte.SIZE, GroupCodes.Ties.TO_EVEN, dtype, keepCodes);
        }
    }

    private static FloatArray filled(int size, float value) {
        FloatArray array = new FloatArray(size);
        array.init(value);
        return array;
    }
}
