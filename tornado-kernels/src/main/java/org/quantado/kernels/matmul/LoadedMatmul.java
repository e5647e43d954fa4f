package org.quantado.kernels.matmul;

import org.quantado.kernels.graph.LayerGraph;

import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.common.TaskPackage;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** The product with a weight in the layout in which it was loaded. */
public interface LoadedMatmul extends Matmul {
    ExpertMatrix weights();

    @Override
    default Object[] arrays() {
        QuantizedMatrix matrix = weights().matrix();
        return new Object[]{matrix.words(), matrix.scales(), matrix.zeros(), weights().stacked().bias()};
    }

    @Override
    default void touch(LayerGraph graph, String task) {
        QuantizedMatrix matrix = weights().matrix();
        graph.task(TaskPackage.createPackage(task, LoadedMatmul::read, matrix.words(), matrix.scales(), matrix.zeros(),
                weights().stacked().bias(), new IntArray(1)), 1, 1);
    }

    private static void read(IntArray words, FloatArray scales, FloatArray zeros, FloatArray bias, IntArray witness) {
        for (@Parallel int i = 0; i < witness.getSize(); i++) {
            float read = scales.get(i) + zeros.get(i) + bias.get(i);
            witness.set(i, words.get(i) + (int) read);
        }
    }
}
