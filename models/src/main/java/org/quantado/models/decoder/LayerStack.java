package org.quantado.models.decoder;

import java.util.ArrayList;
import java.util.List;

import org.quantado.kernels.attention.KvShape;
import org.quantado.kernels.graph.Heads;
import org.quantado.kernels.graph.LayerNumber;
import org.quantado.kernels.graph.Rows;
import org.quantado.kernels.norm.Norm;
import org.quantado.kernels.norm.Residual;
import org.quantado.models.family.LayerSpec;

import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/**
 * Layers that are alike, with the weights in the kernels' layout: one graph runs any of them.
 *
 * @param name of its graph, unique in the model
 * @param layers in order
 * @param number which of them is run
 * @param norms in the order in which they are met
 * @param attention of all of them
 * @param mlp of all of them
 * @param cacheScales {@code [2, L]}, of keys and values that are cached as FP8; ones else
 */
record LayerStack(String name, List<LayerSpec> layers, LayerNumber number, List<Norm> norms,
        PreparedAttention attention, PreparedBlock mlp, FloatArray cacheScales) {
    /** What the cache of these layers holds. */
    KvShape cacheShape(int sequences, int positions) {
        var spec = layers.getFirst().attention();
        return new KvShape(layers.size(), sequences, positions, spec.kvHeads(), spec.keySize(), spec.valueSize());
    }

    void addTo(DeviceState state) {
        Resources resources = new Resources();
        norms.forEach(resources::norm);
        attention.enter(resources);
        mlp.enter(resources);
        resources.addTo(state);
    }

    /**
     * Adds a layer to a graph.
     *
     * @param x {@code [M, H]}, the residual stream, on the device
     * @param attended {@code [M, H]}, what attention gives
     */
    void addTo(LayerRows layer, Rows x, Rows attended) {
        float factor = layers.getFirst().residualFactor();
        switch (layers.getFirst().norms()) {
            case BEFORE -> {
                attend(layer, normed(layer, 0, x), attended);
                Rows between = layer.rows(x.width());
                norms.get(1).addToSum(layer.graph(), "norm1", x, attended, factor, layer.number(), between);
                Residual.addTo(layer.graph(), "residual", x, block(layer, between), factor);
            }
            case AFTER -> {
                attend(layer, x, attended);
                norms.get(0).addNormTo(layer.graph(), "norm0", x, attended, factor, layer.number());
                norms.get(1).addNormTo(layer.graph(), "norm1", x, block(layer, x), factor, layer.number());
            }
            case AROUND -> {
                attend(layer, normed(layer, 0, x), attended);
                norms.get(1).addNormTo(layer.graph(), "norm1", x, attended, factor, layer.number());
                Rows made = block(layer, normed(layer, 2, x));
                norms.get(3).addNormTo(layer.graph(), "norm3", x, made, factor, layer.number());
            }
        }
    }

    private void attend(LayerRows layer, Rows x, Rows attended) {
        attention.addTo(layer, x, attended);
        layer.tap(LayerModules.ATTENDED, attended);
    }

    private Rows block(LayerRows layer, Rows x) {
        Rows made = mlp.addTo(layer, x);
        layer.tap(LayerModules.BLOCK, made);
        return made;
    }

    private Rows normed(LayerRows layer, int norm, Rows x) {
        Rows result = layer.rows(x.width());
        norms.get(norm).addTo(layer.graph(), "norm" + norm, Heads.whole(x), layer.number(),
                Heads.whole(result));
        return result;
    }

    /** Numbers of these layers in the model. */
    List<Integer> numbers() {
        return new ArrayList<>(layers.stream().map(LayerSpec::number).toList());
    }
}
