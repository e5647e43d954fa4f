package org.quantado.kernels.routing;

import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Kernels of {@link ExpertBuckets}, whose names for the arrays are used; the first element of {@code tokens} is T. The
 * work-item of a local expert looks at the slots one after another, so that their order is kept. A negative id is that of
 * no expert.
 */
final class BucketKernels {
    private BucketKernels() {
    }

    static void count(IntArray ids, IntArray expertMap, IntArray tokens, IntArray counts, int topK) {
        for (@Parallel int expert = 0; expert < counts.getSize(); expert++) {
            int slots = tokens.get(0) * topK;
            int count = 0;
            for (int slot = 0; slot < slots; slot++) {
                int local = -1;
                int id = ids.get(slot);
                if (id >= 0) {
                    local = expertMap.get(id);
                }
                if (local == expert) {
                    count++;
                }
            }
            counts.set(expert, count);
        }
    }

    /**
     * Fills the blocks of an expert; one more work-item marks the slots that are in none.
     *
     * @param shape its first element becomes where the last one's blocks end; the others are read, else they would not be
     *     on the device
     */
    static void fill(IntArray ids, IntArray expertMap, IntArray tokens, IntArray counts, IntArray labels,
            IntArray starts, IntArray slots, IntArray rows, IntArray blockExperts, IntArray shape, int topK,
            int blockSize) {
        for (@Parallel int expert = 0; expert < starts.getSize(); expert++) {
            int start = 0;
            for (int before = 0; before < expert; before++) {
                start += (counts.get(before) + blockSize - 1) / blockSize * blockSize;
            }
            starts.set(expert, start);
            int allSlots = tokens.get(0) * topK;
            int row = start;
            for (int slot = 0; slot < allSlots; slot++) {
                int local = -1;
                int id = ids.get(slot);
                if (id >= 0) {
                    local = expertMap.get(id);
                }
                if (local == expert) {
                    slots.set(row, slot);
                    rows.set(slot, row);
                    row++;
                }
                if (local < 0 && expert == counts.getSize()) {
                    rows.set(slot, -1);
                }
            }
            int end = (row + blockSize - 1) / blockSize * blockSize;
            for (int empty = row; empty < end; empty++) {
                slots.set(empty, allSlots);
            }
            for (int block = start / blockSize; block < end / blockSize; block++) {
                blockExperts.set(block, labels.get(expert));
            }
            if (expert == counts.getSize()) {
                for (int i = 0; i < shape.getSize(); i++) {
                    int size = shape.get(i);
                    if (i == 0) {
                        size = start;
                    }
                    shape.set(i, size);
                }
            }
        }
    }
}
