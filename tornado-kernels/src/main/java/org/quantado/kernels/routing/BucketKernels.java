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
    static void order(IntArray keys, IntArray tokens, IntArray order, IntArray positions, IntArray inverse,
            IntArray experts, int topK, int localExperts) {
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
            int localPosition = position;
            if (key >= localExperts) {
                localPosition = -1;
            }
            order.set(position, slot);
            positions.set(slot, position);
            inverse.set(slot, localPosition);
            experts.set(position, key);
        }
    }

    static void offsets(IntArray keys, IntArray tokens, IntArray offsets, int topK) {
        for (@Parallel
        int expert = 0; expert < offsets.getSize(); expert++) {
            int slots = tokens.get(0) * topK;
            int before = 0;
            for (int slot = 0; slot < slots; slot++) {
                if (keys.get(slot) < expert) {
                    before++;
                }
            }
            offsets.set(expert, before);
        }
    }

    static void counts(IntArray offsets, IntArray counts) {
        for (@Parallel
        int expert = 0; expert < counts.getSize(); expert++) {
            counts.set(expert, offsets.get(expert + 1) - offsets.get(expert));
        }
    }

    /** Where the blocks of each expert begin, in slots. */
    static void blockStarts(IntArray offsets, IntArray starts, int blockSize) {
        for (@Parallel
        int expert = 0; expert < starts.getSize(); expert++) {
            int start = 0;
            for (int before = 0; before < expert; before++) {
                int count = offsets.get(before + 1) - offsets.get(before);
                start += (count + blockSize - 1) / blockSize * blockSize;
            }
            starts.set(expert, start);
        }
    }

    static void noSlots(IntArray tokens, IntArray slots, int topK) {
        for (@Parallel
        int i = 0; i < slots.getSize(); i++) {
            slots.set(i, tokens.get(0) * topK);
        }
    }

    static void alignedSlots(IntArray keys, IntArray offsets, IntArray positions, IntArray starts,
            IntArray tokens, IntArray slots, int topK) {
        for (@Parallel
        int slot = 0; slot < tokens.get(0) * topK; slot++) {
            int key = keys.get(slot);
            if (key < offsets.getSize() - 1) {
                slots.set(starts.get(key) + positions.get(slot) - offsets.get(key), slot);
            }
        }
    }

    static void blockExperts(IntArray starts, IntArray labels, IntArray blockExperts, IntArray length,
            int blockSize) {
        for (@Parallel
        int block = 0; block < blockExperts.getSize(); block++) {
            int expert = 0;
            for (int next = 1; next < starts.getSize() - 1; next++) {
                if (starts.get(next) <= block * blockSize) {
                    expert = next;
                }
            }
            blockExperts.set(block, labels.get(expert));
            if (block == 0) {
                length.set(0, starts.get(starts.getSize() - 1));
            }
        }
    }
}
