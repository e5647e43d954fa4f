package org.quantado.kernels.routing;

import org.quantado.kernels.graph.LayerGraph;
import org.quantado.kernels.graph.LayerNumber;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.WorkerGrid;
import uk.ac.manchester.tornado.api.WorkerGrid1D;
import uk.ac.manchester.tornado.api.common.TaskPackage;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * The slots of local experts, by expert and then by slot, each expert's run filled up to whole blocks, so that a block
 * has one expert. Slot {@code t * k + j} is the j-th choice of token t; there are S = T * k. How many of them are here is
 * known on the device only.
 *
 * @param expertMap {@code [E]}, the local number of each expert or -1
 * @param topK k
 * @param blockSize slots of a block; 1 for the mere order
 * @param starts {@code [3L + 1]}, where the run of each local expert begins, then the end of all, then how many slots each
 *     expert has, then how many with those that fill up its blocks
 * @param slots the slots in order, S where a block has no more
 * @param rows {@code [S]}, the place of each slot in {@code slots}, -1 where its expert is not local, or it has none
 * @param blockExperts the expert of each block, among those of all layers
 */
public record ExpertBuckets(IntArray expertMap, int topK, int blockSize, IntArray starts, IntArray slots,
        IntArray rows, IntArray blockExperts) {
    /** Work-groups have as many work-items as there is work for, but no more than fit every device with 255 registers. */
    private static final int LEAST_ITEMS = 64;

    private static final int MOST_ITEMS = 256;

    /**
     * Room for the slots of some tokens.
     *
     * @param expertMap {@code [E]}, the local number of each expert or -1, on the device
     * @param localExperts L, how many are local
     * @param tokens most tokens
     */
    public static ExpertBuckets allocate(IntArray expertMap, int localExperts, int tokens, int topK, int blockSize) {
        int slots = Math.multiplyExact(tokens, topK);
        int usedExperts = Math.min(slots, localExperts);
        int blocks = usedExperts + (slots - usedExperts) / blockSize;
        return new ExpertBuckets(expertMap, topK, blockSize, new IntArray(3 * localExperts + 1),
                new IntArray(Math.multiplyExact(blocks, blockSize)), new IntArray(slots), new IntArray(blocks));
    }

    /** L. */
    public int localExperts() {
        return BucketKernels.experts(starts);
    }

    /**
     * Adds the task that fills them to a graph.
     *
     * @param ids {@code [T, k]}, global numbers of experts below E, or -1 for none; on the device
     * @param tokens first element is T, on the device
     * @param layer whose experts they are; its number is on the device
     */
    public void addTo(LayerGraph graph, String task, IntArray ids, IntArray tokens, LayerNumber layer) {
        graph.task(TaskPackage.createPackage(task, BucketKernels::bucket, new KernelContext(), ids, expertMap, tokens,
                layer.number(), starts, slots, rows, blockExperts, topK, blockSize), grid(localExperts() + 1));
    }

    /** One work-group. */
    static WorkerGrid grid(int work) {
        int items = Math.clamp(Math.ceilDiv(work, LEAST_ITEMS) * (long) LEAST_ITEMS, LEAST_ITEMS, MOST_ITEMS);
        WorkerGrid grid = new WorkerGrid1D(items);
        grid.setLocalWork(items, 1, 1);
        return grid;
    }
}
