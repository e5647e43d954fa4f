package org.quantado.kernels.routing;

import org.quantado.kernels.graph.LayerGraph;

import uk.ac.manchester.tornado.api.common.TaskPackage;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Token slots brought together by expert. Slot {@code t * k + j} is the j-th choice of token t; there are S = T * k.
 *
 * <p>In the order come the slots of this rank's experts, by expert and then by slot, and after them those of other
 * experts, by their global number and then by slot.
 *
 * @param topK k
 * @param localExperts L, the number of experts of this rank
 * @param keys {@code [S]}, the local expert of a slot, or L and the global number of an expert that is not here
 * @param offsets {@code [L + 1]}, where the slots of each local expert begin in the order; the last is their total
 * @param counts {@code [L]}, slots of each local expert
 * @param order {@code [S]}, the slots in order
 * @param positions {@code [S]}, the place of each slot in the order
 * @param inverse {@code [S]}, the same, -1 where the expert is not local
 * @param experts {@code [S]}, the local expert of each place in the order, for the first {@code offsets[L]}
 * @param tokens first element is T, on the device
 */
public record ExpertBuckets(int topK, int localExperts, IntArray keys, IntArray offsets, IntArray counts,
        IntArray order, IntArray positions, IntArray inverse, IntArray experts, IntArray tokens) {
    /**
     * Adds the tasks that find the order to a graph.
     *
     * @param ids {@code [T, k]}, global numbers of experts, on the device
     * @param tokens first element is T, on the device
     * @param expertMap {@code [E]}, the local number of each expert or -1, on the device
     * @param localExperts how many are local
     */
    public static ExpertBuckets addTo(LayerGraph graph, IntArray ids, int topK, IntArray tokens, IntArray expertMap,
            int localExperts) {
        int slots = ids.getSize();
        ExpertBuckets buckets = new ExpertBuckets(topK, localExperts, new IntArray(slots),
                new IntArray(localExperts + 1), new IntArray(localExperts), new IntArray(slots), new IntArray(slots),
                new IntArray(slots), new IntArray(slots), tokens);
        graph.task(TaskPackage.createPackage("expertKeys", BucketKernels::keys, ids, expertMap, tokens, buckets.keys,
                topK, localExperts), slots, 1);
        graph.task(TaskPackage.createPackage("expertOrder", BucketKernels::order, buckets.keys, tokens, buckets.order,
                buckets.positions, buckets.inverse, buckets.experts, topK, localExperts), slots, 1);
        graph.task(TaskPackage.createPackage("expertOffsets", BucketKernels::offsets, buckets.keys, tokens,
                buckets.offsets, topK), localExperts + 1, 1);
        graph.task(TaskPackage.createPackage("expertCounts", BucketKernels::counts, buckets.offsets, buckets.counts),
                localExperts, 1);
        return buckets;
    }

    /**
     * The same order with each expert's run filled up to whole blocks, so that a block has one expert.
     *
     * @param slots the slots in order, S where a block has no more; up to {@code length}
     * @param blockExperts the expert of each block
     * @param length one element: how many of {@code slots} there are
     */
    public record Aligned(IntArray slots, IntArray blockExperts, IntArray length) {
    }

    /**
     * Adds the tasks that fill runs up to blocks.
     *
     * @param labels {@code [L]}, what stands in {@code blockExperts} for each expert, on the device
     */
    public Aligned align(LayerGraph graph, int blockSize, IntArray labels) {
        int blocks = Math.min(order.getSize(), localExperts) + order.getSize() / blockSize;
        IntArray starts = new IntArray(localExperts + 1);
        Aligned aligned = new Aligned(new IntArray(Math.multiplyExact(blocks, blockSize)), new IntArray(blocks),
                new IntArray(1));
        graph.task(
                TaskPackage.createPackage("blockStarts" + blockSize, BucketKernels::blockStarts, offsets, starts,
                        blockSize),
                starts.getSize(), 1);
        graph.task(
                TaskPackage.createPackage("noSlots" + blockSize, BucketKernels::noSlots, tokens, aligned.slots, topK),
                aligned.slots.getSize(), 1);
        graph.task(TaskPackage.createPackage("alignedSlots" + blockSize, BucketKernels::alignedSlots, keys, offsets,
                positions,
                starts, tokens, aligned.slots, topK), order.getSize(), 1);
        graph.task(TaskPackage.createPackage("blockExperts" + blockSize, BucketKernels::blockExperts, starts, labels,
                aligned.blockExperts, aligned.length, blockSize), blocks, 1);
        return aligned;
    }
}
