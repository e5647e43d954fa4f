package org.quantado.kernels.hessian;

import org.quantado.kernels.graph.LayerGraph;
import org.quantado.kernels.matmul.Flavour;

import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/** A way to sum up {@code X^T X}: same arguments, same result within rounding. */
interface HessianTasks {
    /** Columns that every way has a whole number of tiles of. */
    int MULTIPLE = 128;

    /**
     * Adds tasks that add {@code X^T X} to sums. Only elements on the diagonal and right of it count.
     *
     * @param x {@code [rows, K]}
     * @param sums {@code [K, K]}
     * @param columns K, a multiple of {@value #MULTIPLE}
     */
    void addTo(LayerGraph graph, FloatArray x, FloatArray sums, int columns);

    /** The way of a flavour. */
    static HessianTasks of(Flavour flavour) {
        return switch (flavour) {
            case PORTABLE -> HessianKernels::addTo;
            case CPU -> new CpuTiles();
            case GPU -> new GpuTiles();
            case HOST -> new HostTiles();
        };
    }
}
