package org.quantado.kernels.matmul;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;
import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * The kernel of {@link FloatMatmul} in the JVM's own vectors, for the engine that runs kernels as the Java that they are.
 * Needs the module jdk.incubator.vector.
 */
final class HostFloats {
    private static final VectorSpecies<Float> FLOATS = FloatVector.SPECIES_PREFERRED;
    private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT;
    private static final ByteOrder ORDER = ByteOrder.nativeOrder();

    private HostFloats() {
    }

    /** As the kernel of plain loops. */
    static void multiply(FloatArray x, FloatArray weight, FloatArray bias, IntArray blocks, IntArray shape,
            FloatArray y, int inputs, int rowsPerBlock) {
        for (@Parallel int four = 0; four < (shape.get(1) + 3) / 4; four++) {
            for (@Parallel int m = 0; m < shape.get(0); m++) {
                int end = Math.min(4 * four + 4, shape.get(1));
                multiply(x.getSegment().asReadOnly(), weight.getSegment().asReadOnly(), bias, y, m, 4 * four, end,
                        blocks.get(m / rowsPerBlock), shape.get(1), inputs);
            }
        }
    }

    /** Four outputs; the last one stands in for those beyond it. */
    private static void multiply(MemorySegment x, MemorySegment weight, FloatArray bias, FloatArray y, int m, int n,
            int end, int block, int outputs, int inputs) {
        int first = block * outputs;
        long row0 = (first + n) * (long) inputs;
        long row1 = (first + Math.min(n + 1, end - 1)) * (long) inputs;
        long row2 = (first + Math.min(n + 2, end - 1)) * (long) inputs;
        long row3 = (first + Math.min(n + 3, end - 1)) * (long) inputs;
        long row = m * (long) inputs;
        FloatVector dot0 = FloatVector.zero(FLOATS);
        FloatVector dot1 = dot0;
        FloatVector dot2 = dot0;
        FloatVector dot3 = dot0;
        int whole = FLOATS.loopBound(inputs);
        for (int k = 0; k < whole; k += FLOATS.length()) {
            FloatVector values = FloatVector.fromMemorySegment(FLOATS, x, (row + k) * Float.BYTES, ORDER);
            dot0 = FloatVector.fromMemorySegment(FLOATS, weight, (row0 + k) * Float.BYTES, ORDER).fma(values, dot0);
            dot1 = FloatVector.fromMemorySegment(FLOATS, weight, (row1 + k) * Float.BYTES, ORDER).fma(values, dot1);
            dot2 = FloatVector.fromMemorySegment(FLOATS, weight, (row2 + k) * Float.BYTES, ORDER).fma(values, dot2);
            dot3 = FloatVector.fromMemorySegment(FLOATS, weight, (row3 + k) * Float.BYTES, ORDER).fma(values, dot3);
        }
        float sum0 = total(dot0);
        float sum1 = total(dot1);
        float sum2 = total(dot2);
        float sum3 = total(dot3);
        for (int k = whole; k < inputs; k++) {
            float value = x.getAtIndex(FLOAT, row + k);
            sum0 += value * weight.getAtIndex(FLOAT, row0 + k);
            sum1 += value * weight.getAtIndex(FLOAT, row1 + k);
            sum2 += value * weight.getAtIndex(FLOAT, row2 + k);
            sum3 += value * weight.getAtIndex(FLOAT, row3 + k);
        }
        int to = m * outputs;
        y.set(to + Math.min(n + 3, end - 1), sum3 + bias.get(first + Math.min(n + 3, end - 1)));
        y.set(to + Math.min(n + 2, end - 1), sum2 + bias.get(first + Math.min(n + 2, end - 1)));
        y.set(to + Math.min(n + 1, end - 1), sum1 + bias.get(first + Math.min(n + 1, end - 1)));
        y.set(to + n, sum0 + bias.get(first + n));
    }

    /** The JVM's own sum has another order when it is compiled than when it is not. */
    private static float total(FloatVector lanes) {
        float total = 0;
        for (float lane : lanes.toArray()) {
            total += lane;
        }
        return total;
    }
}
