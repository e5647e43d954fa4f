package org.quantado.kernels.attention;

import java.util.Optional;

import org.quantado.kernels.graph.Heads;
import org.quantado.kernels.graph.LayerGraph;

import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Attention of queries to the earlier positions of their sequences and to their own: {@code y = softmax(cap(scale * q k^T))
 * v}, in f32 with a running maximum. Consecutive heads of queries share a head of keys and values. The arrays must be on the
 * device.
 *
 * @param scale what scores are multiplied by
 * @param softCap c of {@code cap(s) = c * tanh(s / c)}, where scores are capped
 * @param windows {@code [L]}, how many positions a query of the layer sees, its own the last; 0 for all
 * @param sinks {@code [L, heads]}, scores of a position without a value, where there are
 */
public record Attention(float scale, Optional<Float> softCap, IntArray windows, Optional<FloatArray> sinks) {
    /**
     * Adds the tasks of a layer to a graph.
     *
     * @param task prefix of the tasks' names
     * @param queries after rope, of the cache's size of keys
     * @param rows where the rows of queries stand; their keys and values are in the cache
     * @param layer one element, on the device
     * @param y as many heads, of the cache's size of values
     */
    public void addTo(LayerGraph graph, String task, Heads queries, KvCache cache, SequenceRows rows, IntArray layer,
            Heads y) {
        KvShape shape = cache.shape();
        boolean fits = queries.count() % shape.kvHeads() == 0 && queries.size() == shape.keySize()
                && y.count() == queries.count() && y.size() == shape.valueSize()
                && windows.getSize() == shape.layers()
                && sinks.stream().allMatch(some -> some.getSize() == shape.layers() * queries.count());
        if (!fits) {
            throw new IllegalArgumentException(
                    "queries of " + queries.count() + " x " + queries.size() + " and results of "
                            + y.count() + " x " + y.size() + " do not fit " + shape);
        }
        cache.attend(graph, task, this, queries, rows, layer, y);
    }
}
