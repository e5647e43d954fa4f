package org.quantado.kernels.routing;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Kernels of {@link ExpertBuckets}, whose names for the arrays are used. The work-item of a local expert looks at the slots
 * one after another, so that their order is kept. A negative id is that of no expert.
 */
final class BucketKernels {
    private BucketKernels() {
    }

    /**
     * Fills buckets, by one work-group.
     *
     * @param tokens its first element is T
     * @param layer which of the layers
     */
    static void bucket(KernelContext context, IntArray ids, IntArray expertMap, IntArray tokens, IntArray layer,
            IntArray starts, IntArray slots, IntArray rows, IntArray blockExperts, int topK, int blockSize) {
        int item = context.localIdx;
        int items = context.localGroupSizeX;
        int allSlots = tokens.get(0) * topK;
        int experts = experts(starts);
        for (int expert = item; expert < experts; expert += items) {
            count(expert, ids, expertMap, allSlots, starts, blockSize);
        }
        context.globalBarrier();
        for (int expert = item; expert <= experts; expert += items) {
            fill(expert, ids, expertMap, allSlots, starts, slots, rows, blockExperts, layer.get(0) * experts,
                    blockSize);
        }
    }

    /** L. */
    static int experts(IntArray starts) {
        return starts.getSize() / 3;
    }

    static void count(int expert, IntArray ids, IntArray expertMap, int allSlots, IntArray starts, int blockSize) {
        int count = 0;
        for (int slot = 0; slot < allSlots; slot++) {
            if (local(slot, ids, expertMap) == expert) {
                count++;
            }
        }
        starts.set(experts(starts) + 1 + expert, count);
        starts.set(2 * experts(starts) + 1 + expert, (count + blockSize - 1) / blockSize * blockSize);
    }

    private static int local(int slot, IntArray ids, IntArray expertMap) {
        int local = -1;
        int id = ids.get(slot);
        if (id >= 0) {
            local = expertMap.get(id);
        }
        return local;
    }

    /**
     * Fills the blocks of an expert; one more, after the last, marks the slots that are in none.
     *
     * @param firstExpert what stands in {@code blockExperts} for the first local expert
     */
    static void fill(int expert, IntArray ids, IntArray expertMap, int allSlots, IntArray starts, IntArray slots,
            IntArray rows, IntArray blockExperts, int firstExpert, int blockSize) {
        int experts = experts(starts);
        int start = 0;
        for (int before = 0; before < expert; before++) {
            start += starts.get(2 * experts + 1 + before);
        }
        starts.set(expert, start);
        int row = start;
        for (int slot = 0; slot < allSlots; slot++) {
            int local = local(slot, ids, expertMap);
            if (local == expert) {
                slots.set(row, slot);
                rows.set(slot, row);
                row++;
            }
            if (local < 0 && expert == experts) {
                rows.set(slot, -1);
            }
        }
        int end = (row + blockSize - 1) / blockSize * blockSize;
        for (int empty = row; empty < end; empty++) {
            slots.set(empty, allSlots);
        }
        for (int block = start / blockSize; block < end / blockSize; block++) {
            blockExperts.set(block, firstExpert + expert);
        }
    }
}
