package org.quantado.kernels.routing;

import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** Kernels of {@link ExpertBuckets}, whose names for the arrays are used; the first element of {@code tokens} is T. */
final class BucketKernels {
    private BucketKernels() {
    }

    static void keys(IntArray ids, IntArray expertMap, IntArray tokens, IntArray keys, int topK,
            int localExperts) {
        for (@Parallel
        int slot = 0; slot < tokens.get(0) * topK; slot++) {
            int expert = ids.get(slot);
            int local = expertMap.get(expert);
            int key = localExperts + expert;
            if (local >= 0) {
                key = local;
            }
            keys.set(slot, key);
        }
    }

    /** Every slot counts those that come before it. */
    static void order(IntArray keys, IntArray tokens, IntArray order, IntArray positions, int topK) {
        for (@Parallel
        int slot = 0; slot < tokens.get(0) * topK; slot++) {
            int key = keys.get(slot);
            int position = 0;
            for (int other = 0; other < slot; other++) {
                if (keys.get(other) <= key) {
                    position++;
                }
            }
            int slots = tokens.get(0) * topK;
            for (int other = slot + 1; other < slots; other++) {
                if (keys.get(other) < key) {
                    position++;
                }
            }
            order.set(position, slot);
            positions.set(slot, position);
        }
    }

    static void counts(IntArray keys, IntArray tokens, IntArray offsets, IntArray counts, int topK) {
        for (@Parallel
        int expert = 0; expert < offsets.getSize(); expert++) {
            int slots = tokens.get(0) * topK;
            int before = 0;
            int count = 0;
            for (int slot = 0; slot < slots; slot++) {
                int key = keys.get(slot);
                if (key < expert) {
                    before++;
                }
                if (key == expert) {
                    count++;
                }
            }
            offsets.set(expert, before);
            if (expert < counts.getSize()) {
                counts.set(expert, count);
            }
        }
    }

    /**
     * The blocks of each expert, and what fills up the last of them.
     *
     * @param starts {@code [L + 1]}, where the blocks of each expert begin, in slots
     * @param shape its first element becomes where the last one's blocks end; the others are read, else they would not be
     *     on the device
     */
    static void blocks(IntArray counts, IntArray labels, IntArray tokens, IntArray starts, IntArray blockExperts,
            IntArray slots, IntArray shape, int topK, int blockSize) {
        for (@Parallel
        int expert = 0; expert < starts.getSize(); expert++) {
            int start = 0;
            for (int before = 0; before < expert; before++) {
                start += (counts.get(before) + blockSize - 1) / blockSize * blockSize;
            }
            starts.set(expert, start);
            int count = 0;
            if (expert < counts.getSize()) {
                count = counts.get(expert);
            }
            int firstBlock = start / blockSize;
            int lastBlock = firstBlock + (count + blockSize - 1) / blockSize;
            for (int block = firstBlock; block < lastBlock; block++) {
                blockExperts.set(block, labels.get(expert));
            }
            int end = lastBlock * blockSize;
            for (int row = start + count; row < end; row++) {
                slots.set(row, tokens.get(0) * topK);
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

    static void align(IntArray keys, IntArray offsets, IntArray positions, IntArray starts, IntArray tokens,
            IntArray slots, IntArray rows, int topK) {
        for (@Parallel
        int slot = 0; slot < tokens.get(0) * topK; slot++) {
            int key = keys.get(slot);
            int row = -1;
            if (key < offsets.getSize() - 1) {
                row = starts.get(key) + positions.get(slot) - offsets.get(key);
                slots.set(row, slot);
            }
            rows.set(slot, row);
        }
    }
}
