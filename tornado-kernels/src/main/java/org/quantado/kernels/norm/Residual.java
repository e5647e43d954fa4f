package org.quantado.kernels.norm;

import org.quantado.kernels.graph.LayerGraph;
import org.quantado.kernels.graph.Rows;

import uk.ac.manchester.tornado.api.common.TaskPackage;

/** What is added to the residual stream as it is; {@link Norm} has the sums that are normalized. */
public final class Residual {
    private Residual() {
    }

    /**
     * Adds {@code x += factor * delta}.
     *
     * @param x {@code [M, H]}, the residual stream, on the device
     * @param delta {@code [M, H]}
     */
    public static void addTo(LayerGraph graph, String task, Rows x, Rows delta, float factor) {
        graph.task(TaskPackage.createPackage(task, NormKernels::add, x.values(), delta.values(), x.shape(), factor),
                x.width(), x.capacity());
    }
}
