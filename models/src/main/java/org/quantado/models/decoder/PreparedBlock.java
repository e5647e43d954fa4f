package org.quantado.models.decoder;

import org.quantado.kernels.experts.PreparedMlp;
import org.quantado.kernels.experts.PreparedMoe;
import org.quantado.kernels.graph.Rows;

/** What comes after attention in layers that are alike: the MLP or the block of experts. */
sealed interface PreparedBlock {
    /** Enters what must be on the device. */
    void enter(Resources resources);

    /**
     * Adds it to a layer's graph.
     *
     * @param x {@code [M, H]}
     * @return {@code [M, H]}
     */
    Rows addTo(LayerRows layer, Rows x);

    /** One MLP for all tokens. */
    record Mlp(PreparedMlp mlp) implements PreparedBlock {
        @Override
        public void enter(Resources resources) {
            mlp.matmuls().forEach(resources::matmul);
        }

        @Override
        public Rows addTo(LayerRows layer, Rows x) {
            return mlp.addLayerTo(layer.graph(), "mlp", x, layer.blocks());
        }
    }

    /** Experts that tokens choose. */
    record Experts(PreparedMoe moe) implements PreparedBlock {
        @Override
        public void enter(Resources resources) {
            moe.matmuls().forEach(resources::matmul);
            moe.floats().forEach(resources::floats);
        }

        @Override
        public Rows addTo(LayerRows layer, Rows x) {
            return moe.addTo(layer.graph(), x);
        }
    }
}
