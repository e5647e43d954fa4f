package org.quantado.models.decoder;

import org.quantado.kernels.attention.KvCache;
import org.quantado.kernels.attention.SequenceRows;
import org.quantado.kernels.graph.Heads;
import org.quantado.kernels.graph.LayerGraph;
import org.quantado.kernels.graph.LayerNumber;
import org.quantado.kernels.graph.RowBatch;
import org.quantado.kernels.graph.Rows;
import org.quantado.kernels.matmul.RowBlocks;

import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * A layer's graph under construction, and the rows that go through it.
 *
 * @param batch of matrices with a row for each token
 * @param blocks the block of weights that each row meets: the layer's
 * @param layer whose number is on the device
 * @param places where rows stand, on the device
 * @param ropeRows for each row its row of a table of angles, on the device
 * @param cache of keys and values, on the device
 * @param taps what of the layer is read
 */
record LayerRows(LayerGraph graph, RowBatch batch, RowBlocks blocks, LayerNumber layer, SequenceRows places,
        IntArray ropeRows, KvCache cache, Taps taps) {
    /** Says what goes into linear layers, so that it is read where it is asked for. */
    void tap(String name, Rows x) {
        taps.add(graph, batch, name, Heads.whole(x));
    }

    /** As {@link #tap(String, Rows)}, of keys or values. */
    void tap(String name, Heads heads) {
        taps.add(graph, batch, name, heads);
    }

    /** Room for a matrix of this width, whose shape the graph brings to the device before any task that reads it. */
    Rows rows(int width) {
        return rows(graph, batch, width);
    }

    /** As {@link #rows(int)}, in any graph. */
    static Rows rows(LayerGraph graph, RowBatch batch, int width) {
        int known = batch.shapes().length;
        Rows rows = batch.rows(width);
        if (batch.shapes().length > known) {
            graph.counts(batch.capacity(), rows.shape());
        }
        return rows;
    }

    /** The layer's number, on the device. */
    IntArray number() {
        return layer.number();
    }
}
