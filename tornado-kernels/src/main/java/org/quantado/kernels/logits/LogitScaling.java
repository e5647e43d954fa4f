package org.quantado.kernels.logits;

import java.util.Optional;

import org.quantado.kernels.graph.LayerGraph;
import org.quantado.kernels.graph.Rows;

import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.common.TaskPackage;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * What becomes of logits: {@code cap(factor * logit)}.
 *
 * @param factor what they are multiplied by
 * @param softCap c of {@code cap(l) = c * tanh(l / c)}, where they are capped
 */
public record LogitScaling(float factor, Optional<Float> softCap) {
    /** Whether nothing becomes of them. */
    public boolean isIdentity() {
        return factor == 1 && softCap.isEmpty();
    }

    /**
     * Adds the task that scales logits where they are, unless they stay as they are.
     *
     * @param logits {@code [M, V]}, on the device
     */
    public void addTo(LayerGraph graph, String task, Rows logits) {
        if (!isIdentity()) {
            graph.task(TaskPackage.createPackage(task, LogitScaling::scale, logits.values(), logits.shape(), factor,
                    softCap.orElse(0.0f)), logits.width(), logits.capacity());
        }
    }

    private static void scale(FloatArray logits, IntArray shape, float factor, float cap) {
        for (@Parallel int v = 0; v < shape.get(1); v++) {
            for (@Parallel int m = 0; m < shape.get(0); m++) {
                float value = factor * logits.get(m * shape.get(1) + v);
                if (cap > 0.0f) {
                    value = cap - 2.0f * cap / (1.0f + TornadoMath.exp(2.0f * value / cap));
                }
                logits.set(m * shape.get(1) + v, value);
            }
        }
    }
}
