package org.quantado.models.decoder;

import org.quantado.kernels.attention.KvCache;
import org.quantado.kernels.attention.SequenceRows;
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
 */
record LayerRows(LayerGraph graph, RowBatch batch, RowBlocks blocks, LayerNumber layer, SequenceRows places,
        IntArray ropeRows, KvCache cache) {
    /** Room for a matrix of this width. */
    Rows rows(int width) {
        return batch.rows(width);
    }

    /** The layer's number, on the device. */
    IntArray number() {
        return layer.number();
    }
}
