package org.quantado.kernels.routing;

import org.quantado.kernels.graph.LayerGraph;

import uk.ac.manchester.tornado.api.common.TaskPackage;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Token slots brought together by expert. Slot {@code t * k + j} is the j-th choice of token t; there are S = T * k.
 *
 * @param ids {@code [T, k]}, global numbers of experts; -1 for none
 * @param topK k
 * @param tokens first element is T
 * @param expertMap {@code [E]}, the local number of each expert or -1
 * @param counts {@code [L]}, slots of each local expert
 */
public record ExpertBuckets(IntArray ids, int topK, IntArray tokens, IntArray expertMap, IntArray counts) {
    /**
     * Adds the task that counts the slots of each expert to a graph.
     *
     * @param ids {@code [T, k]}, global numbers of experts below E, or -1 for none; on the device
     * @param tokens first element is T, on the device
     * @param expertMap {@code [E]}, the local number of each expert or -1, on the device
     * @param localExperts L, how many are local
     */
    public static ExpertBuckets addTo(LayerGraph graph, IntArray ids, int topK, IntArray tokens, IntArray expertMap,
            int localExperts) {
        ExpertBuckets buckets = new ExpertBuckets(ids, topK, tokens, expertMap, new IntArray(localExperts));
        graph.task(TaskPackage.createPackage("countSlots", BucketKernels::count, ids, expertMap, tokens,
                buckets.counts, topK), localExperts, 1);
        return buckets;
    }

    /**
     * The slots of local experts, by expert and then by slot, each expert's run filled up to whole blocks, so that a block
     * has one expert. How many there are is known on the device only.
     *
     * @param starts {@code [L + 1]}, where the run of each local expert begins; the last is the end of all
     * @param slots the slots in order, S where a block has no more
     * @param rows {@code [S]}, the place of each slot in {@code slots}, -1 where its expert is not local, or it has none
     * @param blockExperts the expert of each block
     */
    public record Aligned(IntArray starts, IntArray slots, IntArray rows, IntArray blockExperts) {
    }

    /**
     * Adds the task that puts the slots in order.
     *
     * @param blockSize slots of a block; 1 for the mere order
     * @param labels {@code [L]}, what stands in {@code blockExperts} for each expert, on the device
     * @param shape its first element is set to the number of slots, what fills them up included
     */
    public Aligned align(LayerGraph graph, int blockSize, IntArray labels, IntArray shape) {
        int allSlots = ids.getSize();
        int usedExperts = Math.min(allSlots, counts.getSize());
        int blocks = usedExperts + (allSlots - usedExperts) / blockSize;
        Aligned aligned = new Aligned(new IntArray(counts.getSize() + 1),
                new IntArray(Math.multiplyExact(blocks, blockSize)), new IntArray(allSlots), new IntArray(blocks));
        graph.task(TaskPackage.createPackage("alignSlots" + blockSize, BucketKernels::fill, ids, expertMap, tokens,
                counts, labels, aligned.starts, aligned.slots, aligned.rows, aligned.blockExperts, shape, topK,
                blockSize), aligned.starts.getSize(), 1);
        return aligned;
    }
}
