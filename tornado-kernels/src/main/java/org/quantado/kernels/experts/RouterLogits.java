package org.quantado.kernels.experts;

import org.quantado.kernels.graph.LayerGraph;
import org.quantado.kernels.graph.Rows;
import org.quantado.kernels.matmul.Flavour;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.WorkerGrid;
import uk.ac.manchester.tornado.api.WorkerGrid2D;
import uk.ac.manchester.tornado.api.common.TaskPackage;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/**
 * The layer that gives the logits of experts, in floats.
 *
 * @param weight {@code [E, H]}
 * @param bias {@code [E]}
 * @param flavour of the kernels
 */
record RouterLogits(FloatArray weight, FloatArray bias, Flavour flavour) {
    /** Experts of a work-item, in the kernel of plain loops. */
    private static final int TOGETHER = 4;

    /** Work-items of a work-group that share a logit: two warps. */
    private static final int GROUP = 64;

    /**
     * Adds {@code logits = x weight^T + bias} to a graph that has weight and bias on the device.
     *
     * @param x {@code [T, H]}
     * @param logits {@code [T, E]}; its shape says how many rows there are, on the device
     */
    void addTo(LayerGraph graph, Rows x, Rows logits) {
        String task = "logits";
        if (flavour == Flavour.GPU) {
            WorkerGrid grid = new WorkerGrid2D(logits.width() * GROUP, logits.capacity());
            grid.setLocalWork(GROUP, 1, 1);
            graph.task(TaskPackage.createPackage(task, ExpertKernels::logitsByGroups, new KernelContext(), x.values(),
                    weight, bias, logits.shape(), logits.values(), x.width()), grid);
        } else {
            graph.task(TaskPackage.createPackage(task, ExpertKernels::logits, x.values(), weight, bias, logits.shape(),
                    logits.values(), x.width()), Math.ceilDiv(logits.width(), TOGETHER), logits.capacity());
        }
    }
}
