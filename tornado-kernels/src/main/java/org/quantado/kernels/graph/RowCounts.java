package org.quantado.kernels.graph;

import java.util.List;

import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.common.TaskPackage;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Says on the device that matrices have as many rows as another. TornadoVM waits forever for a task that writes an array that
 * it has as two arguments, so that each task has as many arguments as there are matrices for it.
 */
public final class RowCounts {
    /** Matrices of one task. */
    private static final int TOGETHER = 2;

    private RowCounts() {
    }

    /**
     * Adds the tasks that do so, and brings the widths of the matrices to the device. Where there can be one row only, it is
     * said beforehand.
     *
     * @param task name of the first task; that of a further one begins with it
     * @param rows whose shape is on the device
     * @param others shapes of the others, all different
     */
    public static void addTo(LayerGraph graph, String task, Rows rows, List<IntArray> others) {
        graph.constants(others.toArray());
        if (rows.capacity() == 1) {
            others.forEach(other -> other.set(0, 1));
            return;
        }
        IntArray shape = rows.shape();
        for (int first = 0; first < others.size(); first += TOGETHER) {
            String name = first == 0 ? task : task + first;
            graph.task(first + 1 < others.size()
                    ? TaskPackage.createPackage(name, RowCounts::countBoth, shape, others.get(first),
                            others.get(first + 1))
                    : TaskPackage.createPackage(name, RowCounts::count, shape, others.get(first)), shape.getSize(), 1);
        }
    }

    /** Widths are read, else they would not be there. */
    private static void count(IntArray shape, IntArray other) {
        for (@Parallel int i = 0; i < shape.getSize(); i++) {
            int size = other.get(i);
            if (i == 0) {
                size = shape.get(0);
            }
            other.set(i, size);
        }
    }

    private static void countBoth(IntArray shape, IntArray first, IntArray second) {
        for (@Parallel int i = 0; i < shape.getSize(); i++) {
            int firstSize = first.get(i);
            int secondSize = second.get(i);
            if (i == 0) {
                firstSize = shape.get(0);
                secondSize = firstSize;
            }
            first.set(i, firstSize);
            second.set(i, secondSize);
        }
    }
}
