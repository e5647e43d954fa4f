package org.quantado.kernels.attention;

import org.quantado.kernels.graph.Heads;
import org.quantado.kernels.graph.LayerGraph;

import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.common.TaskPackage;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Rotation of queries and keys by their positions. The table must be on the device.
 *
 * @param table angles
 * @param first the first element of a head that is rotated; what is before and after the rotated ones is copied
 * @param interleaved whether pairs are neighbours, else an element of the first half is with that of the second
 */
public record Rope(RopeTable table, int first, boolean interleaved) {
    /**
     * Adds {@code y = rope(x)}.
     *
     * @param tableRows for each row of x its row of the table, on the device; its position, except where
     *     {@link RopeTable#row} says otherwise
     * @param y heads as many and large as x, of other rows
     */
    public void addTo(LayerGraph graph, String task, Heads x, IntArray tableRows, Heads y) {
        if (first + table.dim() > x.size()) {
            throw new IllegalArgumentException("heads of " + x.size() + " have no " + table.dim()
                    + " elements to rotate from " + first + " on");
        }
        IntArray from = x.layout();
        IntArray to = y.layout();
        graph.constants(from, to);
        graph.task(TaskPackage.createPackage(task, Rope::turn, x.rows().values(), from, table.cos(), table.sin(),
                tableRows, x.rows().shape(), y.rows().values(), to, first, table.dim(), interleaved ? 1 : 0),
                x.count() * x.size(), x.rows().capacity());
    }

    /** One work-item for each element of y. */
    private static void turn(FloatArray x, IntArray from, FloatArray cos, FloatArray sin, IntArray tableRows,
            IntArray shape, FloatArray y, IntArray to, int first, int dim, int interleaved) {
        for (@Parallel int e = 0; e < from.get(1) * from.get(2); e++) {
            for (@Parallel int m = 0; m < shape.get(0); m++) {
                int h = e / from.get(2);
                int i = e % from.get(2);
                int head = m * from.get(4) + from.get(0) + h * from.get(3);
                int rotated = i - first;
                float value = x.get(head + i);
                int inside = 0;
                if (rotated >= 0) {
                    inside = 1;
                }
                if (rotated >= dim) {
                    inside = 0;
                }
                if (inside == 1) {
                    int pair = rotated % (dim / 2);
                    int second = rotated / (dim / 2);
                    int partner = i + (1 - 2 * second) * (dim / 2);
                    if (interleaved == 1) {
                        pair = rotated / 2;
                        second = rotated % 2;
                        partner = i + 1 - 2 * second;
                    }
                    int at = tableRows.get(m) * (dim / 2) + pair;
                    value = value * cos.get(at) + (2 * second - 1) * x.get(head + partner) * sin.get(at);
                }
                y.set(m * to.get(4) + to.get(0) + h * to.get(3) + i, value);
            }
        }
    }
}
