package org.quantado.bench.peaks;

import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** What a GPU can do at most: neighbouring work-items read neighbouring words, and multiply-adds that stay in registers. */
final class PortablePeakKernels {
    private PortablePeakKernels() {
    }

    /** Sums of every {@code sizes[0]}-th element. */
    static void read(IntArray data, IntArray sums, IntArray sizes) {
        for (@Parallel int part = 0; part < sizes.get(0); part++) {
            int sum = 0;
            for (int i = 0; i < sizes.get(1); i++) {
                sum += data.get(i * sizes.get(0) + part);
            }
            sums.set(part, sum);
        }
    }

    /** Four independent chains of multiply-adds. */
    static void multiplyAdd(FloatArray start, FloatArray sums, IntArray sizes) {
        for (@Parallel int part = 0; part < sizes.get(0); part++) {
            float factor = start.get(0);
            float a = factor;
            float b = factor + 1.0f;
            float c = factor + 2.0f;
            float d = factor + 3.0f;
            for (int i = 0; i < sizes.get(1); i++) {
                a = a * factor + factor;
                b = b * factor + factor;
                c = c * factor + factor;
                d = d * factor + factor;
            }
            sums.set(part, a + b + c + d);
        }
    }
}
