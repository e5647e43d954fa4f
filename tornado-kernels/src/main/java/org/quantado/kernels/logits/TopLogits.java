package org.quantado.kernels.logits;

import org.quantado.kernels.graph.LayerGraph;
import org.quantado.kernels.graph.Rows;

import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.common.TaskPackage;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * The k largest logits of each row, the largest first; of equal ones the lower id. NaN is less than all, and is found where
 * there is nothing else, as id -1 and the lowest float.
 *
 * @param ids {@code [M, k]}
 * @param logits {@code [M, k]}
 */
public record TopLogits(IntArray ids, FloatArray logits) {
    /** Logits that one work-item looks through. */
    private static final int CHUNK = 1024;

    /** The largest k for which chunks are looked through so often. */
    public static final int MAX_K = 256;

    /**
     * Adds the tasks that find them: in each chunk of the vocabulary, and then among those of all chunks.
     *
     * @param task prefix of the tasks' names
     * @param logits {@code [M, V]}, on the device
     * @param k 1 to {@link #MAX_K}, at most V
     */
    public static TopLogits addTo(LayerGraph graph, String task, Rows logits, int k) {
        if (k < 1 || k > Math.min(MAX_K, logits.width())) {
            throw new IllegalArgumentException(
                    "top " + k + " of " + logits.width() + " logits: expected 1 to " + Math.min(MAX_K, logits.width()));
        }
        int chunks = Math.ceilDiv(logits.width(), CHUNK);
        TopLogits ofChunks = allocate(logits.capacity(), chunks * k);
        TopLogits top = allocate(logits.capacity(), k);
        IntArray sizes = IntArray.fromElements(chunks, k, CHUNK);
        graph.constants(sizes);
        graph.task(
                TaskPackage.createPackage(task + "Chunks", TopLogits::ofChunks, logits.values(), logits.shape(), sizes,
                        ofChunks.ids, ofChunks.logits),
                chunks, logits.capacity());
        graph.task(
                TaskPackage.createPackage(task, TopLogits::ofAll, ofChunks.ids, ofChunks.logits, logits.shape(), sizes,
                        top.ids, top.logits),
                logits.capacity(), 1);
        return top;
    }

    private static TopLogits allocate(int rows, int each) {
        int size = Math.multiplyExact(rows, each);
        return new TopLogits(new IntArray(size), new FloatArray(size));
    }

    /**
     * The largest of each chunk, one after another: each is the next in the order by logit and id.
     *
     * @param sizes chunks, k, and logits of a chunk
     */
    private static void ofChunks(FloatArray logits, IntArray shape, IntArray sizes, IntArray ids, FloatArray tops) {
        for (@Parallel int c = 0; c < sizes.get(0); c++) {
            for (@Parallel int m = 0; m < shape.get(0); m++) {
                int row = m * shape.get(1);
                int first = c * sizes.get(2);
                int last = Math.min(shape.get(1), first + sizes.get(2));
                int out = (m * sizes.get(0) + c) * sizes.get(1);
                float before = Float.MAX_VALUE;
                int idBefore = -1;
                for (int j = 0; j < sizes.get(1); j++) {
                    float best = -Float.MAX_VALUE;
                    int id = -1;
                    for (int v = first; v < last; v++) {
                        float logit = TopOrder.bounded(logits.get(row + v));
                        if (TopOrder.isNext(logit, v, before, idBefore, best, id) == 1) {
                            best = logit;
                            id = v;
                        }
                    }
                    ids.set(out + j, id);
                    tops.set(out + j, best);
                    before = best;
                    idBefore = id;
                    if (id < 0) {
                        idBefore = Integer.MAX_VALUE;
                    }
                }
            }
        }
    }

    /** The largest of all chunks, the j-th of each of which cannot be before its j-1-th. */
    private static void ofAll(IntArray chunkIds, FloatArray chunkTops, IntArray shape, IntArray sizes, IntArray ids,
            FloatArray tops) {
        for (@Parallel int m = 0; m < shape.get(0); m++) {
            int count = sizes.get(0) * sizes.get(1);
            float before = Float.MAX_VALUE;
            int idBefore = -1;
            for (int j = 0; j < sizes.get(1); j++) {
                float best = -Float.MAX_VALUE;
                int id = -1;
                for (int i = m * count; i < (m + 1) * count; i++) {
                    int candidate = chunkIds.get(i);
                    float logit = chunkTops.get(i);
                    if (TopOrder.isNext(logit, candidate, before, idBefore, best, id) == 1) {
                        best = logit;
                        id = candidate;
                    }
                }
                ids.set(m * sizes.get(1) + j, id);
                tops.set(m * sizes.get(1) + j, best);
                before = best;
                idBefore = id;
                if (id < 0) {
                    idBefore = Integer.MAX_VALUE;
                }
            }
        }
    }
}
