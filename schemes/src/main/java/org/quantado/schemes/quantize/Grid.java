package org.quantado.schemes.quantize;

import org.quantado.kernels.codec.E2M1;
import org.quantado.kernels.codec.E4M3;
import org.quantado.kernels.codec.E8M0;
import org.quantado.kernels.codec.E8M0Rule;
import org.quantado.kernels.codec.ModelDtype;
import org.quantado.kernels.reference.IntQuantization;

/**
 * The values that a block of weights can take: how its extremes give a scale, and a value with that scale a code.
 * <p>
 * The formulas, and the type in which each operation is rounded, are those of compressed-tensors:
 * {@code calculate_qparams}, {@code quantize} and {@code generate_gparam}.
 */
public sealed interface Grid {
    /**
     * The scale of a block.
     *
     * @param min its smallest value
     * @param max its largest value
     */
    float scale(float min, float max);

    /** The zero point of a block; 0 for formats without zero points. */
    default int zeroPoint(float min, float max) {
        return 0;
    }

    /** The code of a value: a signed integer, or the bits of a narrow float. */
    int encode(float value, float scale, int zeroPoint);

    /** The value of a code, of which the lowest byte counts, in binary32. */
    float decode(int code, float scale, int zeroPoint);

    /** A scale as a checkpoint holds it; this grid's own scales are that already. */
    float stored(float scale);

    /** What the forward pass of compressed-tensors makes of a code, in the type of the scale. */
    float dequantize(int code, float scale, int zeroPoint);

    private static float amax(float min, float max) {
        return Math.max(Math.abs(min), Math.abs(max));
    }

    /** Integers. */
    record Int(IntQuantization quantization) implements Grid {
        @Override
        public float scale(float min, float max) {
            return quantization.scale(min, max);
        }

        @Override
        public int zeroPoint(float min, float max) {
            return quantization.zeroPoint(min, max);
        }

        @Override
        public int encode(float value, float scale, int zeroPoint) {
            return quantization.encode(value, scale, zeroPoint);
        }

        @Override
        public float decode(int code, float scale, int zeroPoint) {
            return (code - zeroPoint) * scale;
        }

        @Override
        public float stored(float scale) {
            return quantization.dtype().round(scale);
        }

        @Override
        public float dequantize(int code, float scale, int zeroPoint) {
            return quantization.decode(code, scale, zeroPoint);
        }
    }

    /**
     * E4M3 with scales of the weight's type.
     *
     * @param dtype of the weight; scale and quotient are rounded to it
     */
    record Fp8(ModelDtype dtype) implements Grid {
        @Override
        public float scale(float min, float max) {
            float scale = dtype.round(amax(min, max) / E4M3.MAX_VALUE);
            return scale == 0.0f ? dtype.epsilon() : scale;
        }

        @Override
        public int encode(float value, float scale, int zeroPoint) {
            return E4M3.encode(dtype.round(value / scale), E4M3.Overflow.SATURATE);
        }

        @Override
        public float decode(int code, float scale, int zeroPoint) {
            return E4M3.decode(Byte.toUnsignedInt((byte) code)) * scale;
        }

        @Override
        public float stored(float scale) {
            return dtype.round(scale);
        }

        @Override
        public float dequantize(int code, float scale, int zeroPoint) {
            return dtype.round(decode(code, scale, zeroPoint));
        }
    }

    /**
     * Narrow floats with scales that are powers of two. Dividing by them is exact in every type.
     *
     * @param element what values are rounded to
     * @param rule how a block's largest magnitude becomes its scale
     */
    record Mx(Element element, E8M0Rule rule) implements Grid {
        /** The narrow floats. */
        enum Element {
            /** MXFP8's. */
            E4M3_CODE(E8M0Rule.EVEN_E4M3, E8M0Rule.EVEN_E4M3_IN_F16) {
                @Override
                int encode(float value) {
                    return E4M3.encode(value, E4M3.Overflow.SATURATE);
                }

                @Override
                float decode(int code) {
                    return E4M3.decode(Byte.toUnsignedInt((byte) code));
                }
            },
            /** MXFP4's. */
            E2M1_CODE(E8M0Rule.EVEN_E2M1, E8M0Rule.EVEN_E2M1_IN_F16) {
                @Override
                int encode(float value) {
                    return E2M1.encode(value);
                }

                @Override
                float decode(int code) {
                    return E2M1.decode(code);
                }
            };

            private final E8M0Rule rule;
            private final E8M0Rule ruleInF16;

            Element(E8M0Rule rule, E8M0Rule ruleInF16) {
                this.rule = rule;
                this.ruleInF16 = ruleInF16;
            }

            abstract int encode(float value);

            abstract float decode(int code);
        }

        static Mx of(Element element, ModelDtype dtype) {
            return new Mx(element, dtype == ModelDtype.F16 ? element.ruleInF16 : element.rule);
        }

        @Override
        public float scale(float min, float max) {
            return E8M0.decode(rule.encode(amax(min, max)));
        }

        @Override
        public int encode(float value, float scale, int zeroPoint) {
            return element.encode(value / scale);
        }

        @Override
        public float decode(int code, float scale, int zeroPoint) {
            return element.decode(code) * scale;
        }

        @Override
        public float stored(float scale) {
            return scale;
        }

        @Override
        public float dequantize(int code, float scale, int zeroPoint) {
            return decode(code, scale, zeroPoint);
        }
    }

    /**
     * E2M1 with E4M3 scales, which the tensor's scale divides.
     *
     * @param dtype of the weight, to which the largest magnitude of a block over 6 is rounded
     * @param globalScale from {@link #globalScale}
     */
    record Nvfp4(ModelDtype dtype, float globalScale) implements Grid {
        /** What compressed-tensors puts in the place of a block scale of 0. */
        private static final float SCALE_OF_ZEROS = 0.125f;

        /**
         * The scale of a tensor, or of several that run as one layer: {@code 1 / amax * (448 * 6)} in binary32, which
         * is how PyTorch divides a number by a tensor; 1 where that is not finite.
         */
        static float globalScale(float amax) {
            float scale = 1.0f / amax * (E4M3.MAX_VALUE * E2M1.MAX_VALUE);
            return Float.isFinite(scale) ? scale : 1.0f;
        }

        @Override
        public float scale(float min, float max) {
            float scale = globalScale * dtype.round(amax(min, max) / E2M1.MAX_VALUE);
            float rounded = E4M3.decode(E4M3.encode(scale, E4M3.Overflow.SATURATE));
            return rounded == 0.0f ? SCALE_OF_ZEROS : rounded;
        }

        @Override
        public int encode(float value, float scale, int zeroPoint) {
            return E2M1.encode(value / (scale / globalScale));
        }

        @Override
        public float decode(int code, float scale, int zeroPoint) {
            return E2M1.decode(code) * (scale / globalScale);
        }

        @Override
        public float stored(float scale) {
            return scale;
        }

        @Override
        public float dequantize(int code, float scale, int zeroPoint) {
            return decode(code, scale, zeroPoint);
        }
    }
}
