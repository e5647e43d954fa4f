package org.quantado.kernels.experts;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;
import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Kernels around experts in the JVM's own vectors, for the engine that runs kernels as the Java that they are: arguments and
 * results are those of {@link ExpertKernels} and {@link GateKernels}, rows are what threads share. Needs the module
 * jdk.incubator.vector.
 */
final class HostExperts {
    private static final VectorSpecies<Float> FLOATS = FloatVector.SPECIES_PREFERRED;
    private static final int LANES = FLOATS.length();
    private static final VectorSpecies<Integer> INTS = VectorSpecies.of(int.class, FLOATS.vectorShape());
    private static final ByteOrder ORDER = ByteOrder.nativeOrder();

    private static final float LOG2_E = 1.442695f;
    /** The upper digits of ln 2, so few that their product with an exponent is exact. */
    private static final float LN2_HIGH = 0x1.63p-1f;
    /** What is left of ln 2. */
    private static final float LN2_LOW = -2.1219444e-4f;
    /** A float of its size has no digits below 1: adding it rounds. */
    private static final float ROUNDING = 0x1.8p23f;
    /** Between these, the result is a normal float. */
    private static final float EXP_FROM = -87;
    private static final float EXP_TO = 88;
    private static final int EXPONENT_BIAS = 127;
    private static final int MANTISSA_BITS = 23;

    private HostExperts() {
    }

    /** {@link ExpertKernels#gather}. */
    static void gather(FloatArray x, IntArray slots, IntArray starts, IntArray tokens, IntArray shape, IntArray wide,
            IntArray narrow, FloatArray rows, int topK, int end) {
        for (@Parallel int m = 0; m < Math.max(1, starts.get(end)); m++) {
            int token = slots.get(m) / topK;
            MemorySegment row = rows.getSegment().asSlice(m * (long) shape.get(1) * Float.BYTES,
                    shape.get(1) * (long) Float.BYTES);
            if (token < tokens.get(0)) {
                MemorySegment.copy(x.getSegment().asReadOnly(), token * row.byteSize(), row, 0, row.byteSize());
            } else {
                row.fill((byte) 0);
            }
            ExpertKernels.count(m, starts, end, shape, wide, narrow);
        }
    }

    /** {@link GateKernels#activate}. */
    static void activate(FloatArray gateUp, IntArray shape, FloatArray activated, int kind, float alpha, float limit,
            float upOffset) {
        for (@Parallel int m = 0; m < shape.get(0); m++) {
            int width = shape.get(1);
            for (int i = 0; i < width; i += LANES) {
                VectorMask<Float> inRow = FLOATS.indexInRange(i, width);
                long gateAt = (2L * m * width + i) * Float.BYTES;
                FloatVector gate = FloatVector
                        .fromMemorySegment(FLOATS, gateUp.getSegment().asReadOnly(), gateAt, ORDER,
                                inRow)
                        .min(limit);
                FloatVector up = FloatVector.fromMemorySegment(FLOATS, gateUp.getSegment().asReadOnly(),
                        gateAt + width * (long) Float.BYTES, ORDER, inRow).min(limit).max(-limit);
                FloatVector opened;
                if (kind == 1) {
                    opened = gate.mul(normalBelow(gate));
                } else {
                    FloatVector steep = kind == 2
                            ? gate.mul(gate).mul(gate).mul(GateKernels.CUBE).add(gate)
                                    .mul(GateKernels.TWICE_SQRT_TWO_OVER_PI)
                            : gate.mul(alpha);
                    opened = gate.div(exp(steep.neg()).add(1.0f));
                }
                up.add(upOffset).mul(opened).intoMemorySegment(activated.getSegment(),
                        (m * (long) width + i) * Float.BYTES, ORDER, inRow);
            }
        }
    }

    /**
     * {@code e^x} as Cephes' {@code expf} has it: {@code x = n ln 2 + r}, and a polynomial of r. The JVM's own has other last
     * bits when it is compiled than when it is not. Beyond what a float's exponent holds, the result is that of the bound.
     */
    private static FloatVector exp(FloatVector x) {
        FloatVector bounded = x.max(EXP_FROM).min(EXP_TO);
        FloatVector n = bounded.mul(LOG2_E).add(ROUNDING).sub(ROUNDING);
        FloatVector r = bounded.sub(n.mul(LN2_HIGH)).sub(n.mul(LN2_LOW));
        FloatVector polynomial = r.mul(1.9875691e-4f).add(0.0013981999f).mul(r).add(0.008333452f).mul(r)
                .add(0.041665796f).mul(r).add(0.16666666f).mul(r).add(0.5f);
        FloatVector power = ((IntVector) n.convertShape(VectorOperators.F2I, INTS, 0)).add(EXPONENT_BIAS)
                .lanewise(VectorOperators.LSHL, MANTISSA_BITS).reinterpretAsFloats();
        return polynomial.mul(r).mul(r).add(r).add(1.0f).mul(power);
    }

    /** As that of {@link GateKernels}. */
    private static FloatVector normalBelow(FloatVector z) {
        FloatVector x = z.abs().mul(GateKernels.SQRT_HALF);
        FloatVector one = FloatVector.broadcast(FLOATS, 1.0f);
        FloatVector t = one.div(x.mul(GateKernels.ERF_P).add(1.0f));
        FloatVector polynomial = t.mul(GateKernels.ERF_5).add(GateKernels.ERF_4).mul(t).add(GateKernels.ERF_3).mul(t)
                .add(GateKernels.ERF_2).mul(t).add(GateKernels.ERF_1).mul(t);
        FloatVector tail = polynomial.mul(exp(x.mul(x).neg())).mul(0.5f);
        return one.sub(tail).blend(tail, z.compare(VectorOperators.LT, 0.0f));
    }

    /** {@link ExpertKernels#combine}. */
    static void combine(FloatArray results, IntArray rows, FloatArray weights, FloatArray shared, FloatArray gates,
            IntArray shape, FloatArray y, int topK, int weighted, int sharedParts) {
        for (@Parallel int t = 0; t < shape.get(0); t++) {
            int width = shape.get(1);
            float share = sharedParts == 2 ? 1.0f / (1.0f + TornadoMath.exp(-gates.get(t))) : 1.0f;
            for (int h = 0; h < width; h += LANES) {
                VectorMask<Float> inRow = FLOATS.indexInRange(h, width);
                FloatVector sum = FloatVector.zero(FLOATS);
                for (int j = 0; j < topK; j++) {
                    int row = rows.get(t * topK + j);
                    if (row >= 0) {
                        float weight = weighted == 1 ? weights.get(t * topK + j) : 1.0f;
                        sum = load(results, row, width, h, inRow).mul(weight).add(sum);
                    }
                }
                if (sharedParts > 0) {
                    sum = load(shared, t, width, h, inRow).mul(share).add(sum);
                }
                sum.intoMemorySegment(y.getSegment(), (t * (long) width + h) * Float.BYTES, ORDER, inRow);
            }
        }
    }

    private static FloatVector load(FloatArray matrix, int row, int width, int column, VectorMask<Float> inRow) {
        return FloatVector.fromMemorySegment(FLOATS, matrix.getSegment().asReadOnly(),
                (row * (long) width + column) * Float.BYTES, ORDER, inRow);
    }
}
