package org.quantado.bench.peaks;

import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.collections.VectorFloat16;
import uk.ac.manchester.tornado.api.types.collections.VectorInt16;
import uk.ac.manchester.tornado.api.types.vectors.Float16;
import uk.ac.manchester.tornado.api.types.vectors.Int16;

/** What a CPU device can do at most: reads of whole vectors, and multiply-adds that stay in registers. */
final class VectorPeakKernels {
    private VectorPeakKernels() {
    }

    /** Sums of the vectors of each part. */
    static void read(VectorInt16 data, VectorInt16 sums, IntArray sizes) {
        for (@Parallel int part = 0; part < sizes.get(0); part++) {
            int length = sizes.get(1);
            Int16 even = data.get(part * length);
            Int16 odd = data.get(part * length + 1);
            for (int i = part * length; i < (part + 1) * length; i += 4) {
                even = Int16.add(even, Int16.add(data.get(i), data.get(i + 2)));
                odd = Int16.add(odd, Int16.add(data.get(i + 1), data.get(i + 3)));
            }
            sums.set(part, Int16.add(even, odd));
        }
    }

    /** 16 independent chains of multiply-adds on vectors of 16. */
    static void multiplyAdd(VectorFloat16 start, VectorFloat16 sums, IntArray sizes) {
        for (@Parallel int part = 0; part < sizes.get(0); part++) {
            Float16 factor = start.get(0);
            Float16 sum0 = start.get(0);
            Float16 sum1 = start.get(1);
            Float16 sum2 = start.get(2);
            Float16 sum3 = start.get(3);
            Float16 sum4 = start.get(4);
            Float16 sum5 = start.get(5);
            Float16 sum6 = start.get(6);
            Float16 sum7 = start.get(7);
            Float16 sum8 = start.get(8);
            Float16 sum9 = start.get(9);
            Float16 sum10 = start.get(10);
            Float16 sum11 = start.get(11);
            Float16 sum12 = start.get(12);
            Float16 sum13 = start.get(13);
            Float16 sum14 = start.get(14);
            Float16 sum15 = start.get(15);
            for (int i = 0; i < sizes.get(1); i++) {
                sum0 = Float16.add(Float16.mult(sum0, factor), factor);
                sum1 = Float16.add(Float16.mult(sum1, factor), factor);
                sum2 = Float16.add(Float16.mult(sum2, factor), factor);
                sum3 = Float16.add(Float16.mult(sum3, factor), factor);
                sum4 = Float16.add(Float16.mult(sum4, factor), factor);
                sum5 = Float16.add(Float16.mult(sum5, factor), factor);
                sum6 = Float16.add(Float16.mult(sum6, factor), factor);
                sum7 = Float16.add(Float16.mult(sum7, factor), factor);
                sum8 = Float16.add(Float16.mult(sum8, factor), factor);
                sum9 = Float16.add(Float16.mult(sum9, factor), factor);
                sum10 = Float16.add(Float16.mult(sum10, factor), factor);
                sum11 = Float16.add(Float16.mult(sum11, factor), factor);
                sum12 = Float16.add(Float16.mult(sum12, factor), factor);
                sum13 = Float16.add(Float16.mult(sum13, factor), factor);
                sum14 = Float16.add(Float16.mult(sum14, factor), factor);
                sum15 = Float16.add(Float16.mult(sum15, factor), factor);
            }
            sums.set(part,
                    Float16.add(Float16.add(Float16
                            .add(Float16.add(Float16.add(Float16.add(Float16.add(Float16.add(Float16.add(Float16.add(
                                    Float16.add(Float16.add(
                                            Float16.add(Float16.add(Float16.add(sum0, sum1), sum2), sum3), sum4), sum5),
                                    sum6), sum7), sum8), sum9), sum10), sum11), sum12), sum13),
                            sum14), sum15));
        }
    }
}
