package org.quantado.kernels.matmul;

import java.util.List;
import java.util.stream.Stream;

import org.quantado.kernels.graph.BatchPlan;
import org.quantado.kernels.graph.LayerGraph;

import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.common.TaskPackage;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * The weights of a layer on the device. A graph keeps there only what one of its tasks reads, so one element of each is
 * read.
 *
 * @param weights all matrices of the layer
 * @param floats what else there is
 */
public record ResidentWeights(List<LinearWeight> weights, List<FloatArray> floats) implements BatchPlan.Weights {
    public ResidentWeights {
        weights = List.copyOf(weights);
        floats = List.copyOf(floats);
    }

    /** The weights of a layer that has nothing else. */
    public ResidentWeights(List<LinearWeight> weights) {
        this(weights, List.of());
    }

    @Override
    public void upload(LayerGraph graph) {
        graph.constants(arrays());
        for (int i = 0; i < weights.size(); i++) {
            touch(graph, "touch" + i, weights.get(i));
        }
        for (int i = 0; i < floats.size(); i++) {
            graph.task(TaskPackage.createPackage("touchFloats" + i, ResidentWeights::touchFloats, floats.get(i),
                    new FloatArray(1)), 1, 1);
        }
        graph.persist(arrays());
    }

    /** Adds a task that reads one element of each array of a weight. */
    static void touch(LayerGraph graph, String task, LinearWeight weight) {
        graph.task(TaskPackage.createPackage(task, ResidentWeights::touchWeight, weight.matrix().words(),
                weight.matrix().scales(), weight.matrix().zeros(), weight.bias(), new IntArray(1)), 1, 1);
    }

    @Override
    public Object[] arrays() {
        Stream<Object> ofWeights = weights.stream().flatMap(weight -> Stream.of(weight.matrix().words(),
                weight.matrix().scales(), weight.matrix().zeros(), weight.bias()));
        return Stream.concat(ofWeights, floats.stream()).toArray();
    }

    private static void touchWeight(IntArray words, FloatArray scales, FloatArray zeros, FloatArray bias,
            IntArray witness) {
        for (@Parallel
        int i = 0; i < witness.getSize(); i++) {
            float read = scales.get(i) + zeros.get(i) + bias.get(i);
            witness.set(i, words.get(i) + (int) read);
        }
    }

    private static void touchFloats(FloatArray floats, FloatArray witness) {
        for (@Parallel
        int i = 0; i < witness.getSize(); i++) {
            witness.set(i, floats.get(i));
        }
    }
}
