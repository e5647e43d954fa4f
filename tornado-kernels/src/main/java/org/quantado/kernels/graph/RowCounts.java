package org.quantado.kernels.graph;

import java.util.List;

import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.common.TaskPackage;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** Says on the device that matrices have as many rows as another. */
public final class RowCounts {
    /** Matrices of one task. */
    private static final int TOGETHER = 6;

    private RowCounts() {
    }

    /**
     * Adds the tasks that do so, and brings the widths of the matrices to the device.
     *
     * @param task name of the first task; that of a further one begins with it
     * @param shape of {@link Rows}, on the device
     * @param others shapes of the others, at least one
     */
    public static void addTo(LayerGraph graph, String task, IntArray shape, List<IntArray> others) {
        graph.constants(others.toArray());
        for (int first = 0; first < others.size(); first += TOGETHER) {
            IntArray[] some = new IntArray[TOGETHER];
            for (int i = 0; i < TOGETHER; i++) {
                some[i] = others.get(Math.min(first + i, others.size() - 1));
            }
            graph.task(TaskPackage.createPackage(first == 0 ? task : task + first, RowCounts::count, shape, some[0],
                    some[1], some[2], some[3], some[4], some[5]), shape.getSize(), 1);
        }
    }

    /** Widths are read, else they would not be there. */
    private static void count(IntArray shape, IntArray a, IntArray b, IntArray c, IntArray d, IntArray e, IntArray f) {
        for (@Parallel int i = 0; i < shape.getSize(); i++) {
            count(shape, a, i);
            count(shape, b, i);
            count(shape, c, i);
            count(shape, d, i);
            count(shape, e, i);
            count(shape, f, i);
        }
    }

    private static void count(IntArray shape, IntArray other, int i) {
        int size = other.get(i);
        if (i == 0) {
            size = shape.get(0);
        }
        other.set(i, size);
    }
}
