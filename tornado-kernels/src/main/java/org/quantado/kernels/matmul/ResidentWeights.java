package org.quantado.kernels.matmul;

import java.util.List;
import java.util.stream.Stream;

import org.quantado.kernels.graph.BatchPlan;
import org.quantado.kernels.graph.LayerGraph;

import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.common.TaskPackage;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/**
 * The weights of a layer on the device. A graph keeps there only what one of its tasks reads, so one element of each is
 * read.
 *
 * @param matmuls all products of the layer
 * @param floats what else there is
 */
public record ResidentWeights(List<Matmul> matmuls, List<FloatArray> floats) implements BatchPlan.Weights {
    public ResidentWeights {
        matmuls = List.copyOf(matmuls);
        floats = List.copyOf(floats);
    }

    @Override
    public void upload(LayerGraph graph) {
        graph.constants(arrays());
        for (int i = 0; i < matmuls.size(); i++) {
            matmuls.get(i).touch(graph, "touch" + i);
        }
        for (int i = 0; i < floats.size(); i++) {
            graph.task(TaskPackage.createPackage("touchFloats" + i, ResidentWeights::read, floats.get(i),
                    new FloatArray(1)), 1, 1);
        }
        graph.persist(arrays());
    }

    @Override
    public Object[] arrays() {
        return Stream.concat(matmuls.stream().flatMap(matmul -> Stream.of(matmul.arrays())), floats.stream())
                .toArray();
    }

    private static void read(FloatArray floats, FloatArray witness) {
        for (@Parallel int i = 0; i < witness.getSize(); i++) {
            witness.set(i, floats.get(i));
        }
    }
}
