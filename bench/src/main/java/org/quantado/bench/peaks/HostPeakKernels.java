package org.quantado.bench.peaks;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;
import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** What the JVM's vectors can do at most. */
final class HostPeakKernels {
    /** Independent chains of {@link #multiplyAdd}. */
    static final int CHAINS = 12;

    private static final VectorSpecies<Float> FLOATS = FloatVector.SPECIES_PREFERRED;
    private static final VectorSpecies<Integer> INTS = IntVector.SPECIES_PREFERRED;

    private HostPeakKernels() {
    }

    /** Numbers of a vector. */
    static int lanes() {
        return FLOATS.length();
    }

    /** Sums of the elements of each part. */
    static void read(IntArray data, IntArray sums, IntArray sizes) {
        for (@Parallel int part = 0; part < sizes.get(0); part++) {
            sums.set(part, sum(data.getSegment().asReadOnly(), part * (long) sizes.get(1), sizes.get(1)));
        }
    }

    private static int sum(MemorySegment data, long first, int length) {
        IntVector even = IntVector.zero(INTS);
        IntVector odd = IntVector.zero(INTS);
        int step = 2 * INTS.length();
        for (int i = 0; i < length; i += step) {
            long at = (first + i) * Integer.BYTES;
            even = even.add(IntVector.fromMemorySegment(INTS, data, at, ByteOrder.nativeOrder()));
            odd = odd.add(IntVector.fromMemorySegment(INTS, data, at + step * 2L, ByteOrder.nativeOrder()));
        }
        return even.add(odd).reduceLanes(VectorOperators.ADD);
    }

    /** Independent chains of multiply-adds. */
    static void multiplyAdd(FloatArray start, FloatArray sums, IntArray sizes) {
        for (@Parallel int part = 0; part < sizes.get(0); part++) {
            sums.set(part, chains(start.get(0), sizes.get(1)));
        }
    }

    private static float chains(float start, int length) {
        FloatVector factor = FloatVector.broadcast(FLOATS, start);
        FloatVector sum0 = FloatVector.broadcast(FLOATS, 0 * 0.01f);
        FloatVector sum1 = FloatVector.broadcast(FLOATS, 1 * 0.01f);
        FloatVector sum2 = FloatVector.broadcast(FLOATS, 2 * 0.01f);
        FloatVector sum3 = FloatVector.broadcast(FLOATS, 3 * 0.01f);
        FloatVector sum4 = FloatVector.broadcast(FLOATS, 4 * 0.01f);
        FloatVector sum5 = FloatVector.broadcast(FLOATS, 5 * 0.01f);
        FloatVector sum6 = FloatVector.broadcast(FLOATS, 6 * 0.01f);
        FloatVector sum7 = FloatVector.broadcast(FLOATS, 7 * 0.01f);
        FloatVector sum8 = FloatVector.broadcast(FLOATS, 8 * 0.01f);
        FloatVector sum9 = FloatVector.broadcast(FLOATS, 9 * 0.01f);
        FloatVector sum10 = FloatVector.broadcast(FLOATS, 10 * 0.01f);
        FloatVector sum11 = FloatVector.broadcast(FLOATS, 11 * 0.01f);
        for (int i = 0; i < length; i++) {
            sum0 = sum0.fma(factor, factor);
            sum1 = sum1.fma(factor, factor);
            sum2 = sum2.fma(factor, factor);
            sum3 = sum3.fma(factor, factor);
            sum4 = sum4.fma(factor, factor);
            sum5 = sum5.fma(factor, factor);
            sum6 = sum6.fma(factor, factor);
            sum7 = sum7.fma(factor, factor);
            sum8 = sum8.fma(factor, factor);
            sum9 = sum9.fma(factor, factor);
            sum10 = sum10.fma(factor, factor);
            sum11 = sum11.fma(factor, factor);
        }
        return sum0.add(sum1).add(sum2).add(sum3).add(sum4).add(sum5).add(sum6).add(sum7).add(sum8).add(sum9).add(sum10)
                .add(sum11)
                .reduceLanes(VectorOperators.ADD);
    }
}
