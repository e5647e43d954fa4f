package org.quantado.models.decoder;

import org.quantado.kernels.graph.Rows;

/** Attention of layers that are alike, with the weights in the kernels' layout. */
interface PreparedAttention {
    /** Enters what must be on the device. */
    void enter(Resources resources);

    /**
     * Adds attention to a layer's graph.
     *
     * @param x {@code [M, H]}
     * @param y {@code [M, H]}
     */
    void addTo(LayerRows layer, Rows x, Rows y);
}
