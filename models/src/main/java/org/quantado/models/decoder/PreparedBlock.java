package org.quantado.models.decoder;

import java.util.Optional;

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

    /** The experts, if it has some. */
    default Optional<PreparedMoe> experts() {
        return Optional.empty();
    }

    /** One MLP for all tokens. */
    record Mlp(PreparedMlp mlp) implements PreparedBlock {
        @Override
        public void enter(Resources resources) {
            mlp.matmuls().forEach(resources::matmul);
        }

        @Override
        public Rows addTo(LayerRows layer, Rows x) {
            layer.tap(LayerModules.GATE_UP, x);
            return mlp.addLayerTo(layer.graph(), "mlp", x, layer.blocks(),
                    new MlpTaps(LayerModules.GATE_UP, LayerModules.DOWN, layer::tap));
        }
    }

    /** Experts that tokens choose. */
    record Experts(PreparedMoe moe) implements PreparedBlock {
        @Override
        public Optional<PreparedMoe> experts() {
            return Optional.of(moe);
        }

        @Override
        public void enter(Resources resources) {
            moe.matmuls().forEach(resources::matmul);
            moe.floats().forEach(resources::floats);
        }

        @Override
        public Rows addTo(LayerRows layer, Rows x) {
            layer.tap(LayerModules.GATE_UP, x);
            return moe.addTo(layer.graph(), x,
                    new MlpTaps(LayerModules.SHARED_GATE_UP, LayerModules.SHARED_DOWN, layer::tap));
        }
    }
}
