package org.quantado.kernels.experts;

import java.util.List;

import org.quantado.kernels.graph.LayerGraph;
import org.quantado.kernels.graph.LayerNumber;
import org.quantado.kernels.graph.Rows;
import org.quantado.kernels.matmul.Flavour;
import org.quantado.kernels.matmul.Matmul;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.WorkerGrid;
import uk.ac.manchester.tornado.api.WorkerGrid2D;
import uk.ac.manchester.tornado.api.common.TaskPackage;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/**
 * A layer beside experts, in floats.
 *
 * @param layer {@code [L * N, H]} and {@code [L * N]}
 * @param number which of the L
 * @param flavour of the kernels
 */
record FloatSide(SideLayer.Floats layer, LayerNumber number, Flavour flavour) implements PreparedSide {
    /** Outputs of a work-item, in the kernel of plain loops. */
    private static final int TOGETHER = 4;

    /** Work-items of a work-group that share an output: two warps. */
    private static final int GROUP = 64;

    @Override
    public List<Matmul> matmuls() {
        return List.of();
    }

    @Override
    public List<FloatArray> floats() {
        return List.of(layer.weight(), layer.bias());
    }

    @Override
    public void addTo(LayerGraph graph, String stage, Rows x, Rows y) {
        if (flavour == Flavour.GPU) {
            WorkerGrid grid = new WorkerGrid2D(y.width() * GROUP, y.capacity());
            grid.setLocalWork(GROUP, 1, 1);
            graph.task(TaskPackage.createPackage(stage, ExpertKernels::logitsByGroups, new KernelContext(), x.values(),
                    layer.weight(), layer.bias(), number.number(), y.shape(), y.values(), x.width()), grid);
        } else {
            graph.task(TaskPackage.createPackage(stage, ExpertKernels::logits, x.values(), layer.weight(), layer.bias(),
                    number.number(), y.shape(), y.values(), x.width()), Math.ceilDiv(y.width(), TOGETHER),
                    y.capacity());
        }
    }
}
