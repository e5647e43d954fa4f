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
 * @param tokens first element is T, on the device
 */
public record ExpertBuckets(int topK, int localExperts, IntArray keys, IntArray offsets, IntArray counts,
        IntArray order, IntArray positions, IntArray tokens) {
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
                tokens);
        graph.task(TaskPackage.createPackage("expertKeys", BucketKernels::keys, ids, expertMap, tokens, buckets.keys,
                topK, localExperts), slots, 1);
        graph.task(TaskPackage.createPackage("expertOrder", BucketKernels::order, buckets.keys, tokens, buckets.order,
                buckets.positions, topK), slots, 1);
        graph.task(TaskPackage.createPackage("expertCounts", BucketKernels::counts, buckets.keys, tokens,
                buckets.offsets, buckets.counts, topK), localExperts + 1, 1);
        return buckets;
    }

    /**
     * The slots of local experts with each expert's run filled up to whole blocks, so that a block has one expert. How
     * many there are is known on the device only.
     *
     * @param slots the slots in order, S where a block has no more
     * @param rows {@code [S]}, the place of each slot in {@code slots}, -1 where its expert is not local
     * @param blockExperts the expert of each block
     */
    public record Aligned(IntArray slots, IntArray rows, IntArray blockExperts) {
    }

    /**
     * Adds the tasks that fill runs up to blocks.
     *
     * @param labels {@code [L]}, what stands in {@code blockExperts} for each expert, on the device
     * @param shape its first element is set to the number of slots, what fills them up included
     */
    public Aligned align(LayerGraph graph, int blockSize, IntArray labels, IntArray shape) {
        int slots = order.getSize();
        int usedExperts = Math.min(slots, localExperts);
        int blocks = usedExperts + (slots - usedExperts) / blockSize;
        IntArray starts = new IntArray(localExperts + 1);
        Aligned aligned = new Aligned(new IntArray(Math.multiplyExact(blocks, blockSize)), new IntArray(slots),
                new IntArray(blocks));
        graph.task(TaskPackage.createPackage("expertBlocks" + blockSize, BucketKernels::blocks, counts, labels, tokens,
                starts, aligned.blockExperts, aligned.slots, shape, topK, blockSize), starts.getSize(), 1);
        graph.task(TaskPackage.createPackage("alignSlots" + blockSize, BucketKernels::align, keys, offsets, positions,
                starts, tokens, aligned.slots, aligned.rows, topK), slots, 1);
        return aligned;
    }
}
