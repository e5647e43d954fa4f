package org.quantado.kernels.norm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Optional;
import java.util.Random;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.quantado.kernels.graph.GraphPlan;
import org.quantado.kernels.graph.Heads;
import org.quantado.kernels.graph.RowBatch;
import org.quantado.kernels.graph.Rows;

import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** Every norm and sum in one graph, against float64. */
@Tag("device")
class NormTest {
    private static final int LAYERS = 3;
    private static final int LAYER = 1;
    private static final int CAPACITY = 5;
    private static final int COUNT = 4;
    private static final float FACTOR = 0.22f;
    private static final float EPSILON = 1e-5f;

    /** Error of a float sum of squares and of the products after it, relative to results of up to 10. */
    private static final double TOLERANCE = 1e-5;

    private final Random random = new Random(5);

    @ParameterizedTest
    @CsvSource({"RMS,8,0,false", "RMS,2048,1,false", "RMS,172,0,true", "LAYER,64,0,true", "LAYER,1000,1,false"})
    void asInFloat64(Norm.Kind kind, int size, float offset, boolean hasBias) {
        Norm norm = new Norm(kind, size, EPSILON, offset, floats(LAYERS * size),
                hasBias ? Optional.of(floats(LAYERS * size)) : Optional.empty());
        RowBatch batch = new RowBatch(CAPACITY);
        Rows x = rows(batch, size);
        Rows summed = rows(batch, size);
        Rows normAdded = rows(batch, size);
        Rows added = rows(batch, size);
        Rows delta = rows(batch, size);
        Rows heads = rows(batch, 3 * size + 7);
        Rows normed = batch.rows(size);
        Rows normedSum = batch.rows(size);
        Rows normedHeads = batch.rows(2 * size);
        float[] before = summed.values().toHeapArray();
        float[] normAddedBefore = normAdded.values().toHeapArray();
        float[] addedBefore = added.values().toHeapArray();
        IntArray layer = IntArray.fromElements(LAYER);
        try (GraphPlan plan = GraphPlan.of("tested", graph -> {
            graph.constants(norm.weight());
            norm.bias().ifPresent(graph::constants);
            graph.inputs(batch.shapes()).inputs(layer, x.values(), summed.values(), normAdded.values(), added.values(),
                    delta.values(), heads.values());
            norm.addTo(graph, "whole", Heads.whole(x), layer, Heads.whole(normed));
            norm.addTo(graph, "heads", new Heads(heads, 5, 2, size, size + 1), layer, Heads.of(normedHeads, 2));
            norm.addToSum(graph, "ofSum", summed, delta, FACTOR, layer, normedSum);
            norm.addNormTo(graph, "normAdded", normAdded, delta, FACTOR, layer);
            Residual.addTo(graph, "added", added, delta, FACTOR);
            graph.outputs(normed.values(), normedHeads.values(), summed.values(), normedSum.values(),
                    normAdded.values(),
                    added.values());
        })) {
            batch.setCount(COUNT);
            plan.execute();
        }
        for (int m = 0; m < COUNT; m++) {
            double[] deltaNorm = expected(norm, delta.values(), m * size, 0);
            double[] sumNorm = expected(norm, summed.values(), m * size, 0);
            double[] xNorm = expected(norm, x.values(), m * size, 0);
            for (int i = 0; i < size; i++) {
                int at = m * size + i;
                check(normed, at, xNorm[i]);
                check(summed, at, before[at] + FACTOR * (double) delta.values().get(at));
                check(normedSum, at, sumNorm[i]);
                check(normAdded, at, normAddedBefore[at] + FACTOR * deltaNorm[i]);
                check(added, at, addedBefore[at] + FACTOR * (double) delta.values().get(at));
            }
            for (int h = 0; h < 2; h++) {
                double[] headNorm = expected(norm, heads.values(), m * heads.width() + 5, h * (size + 1));
                for (int i = 0; i < size; i++) {
                    check(normedHeads, (m * 2 + h) * size + i, headNorm[i]);
                }
            }
        }
    }

    private static void check(Rows found, int at, double expected) {
        assertThat(Math.abs(found.values().get(at) - expected)).isLessThan(TOLERANCE);
    }

    private static double[] expected(Norm norm, FloatArray x, int row, int head) {
        int size = norm.size();
        double mean = 0;
        double squares = 0;
        for (int i = 0; i < size && norm.kind() == Norm.Kind.LAYER; i++) {
            mean += x.get(row + head + i) / (double) size;
        }
        for (int i = 0; i < size; i++) {
            squares += Math.pow(x.get(row + head + i) - mean, 2);
        }
        double[] y = new double[size];
        for (int i = 0; i < size; i++) {
            int at = LAYER * size + i;
            y[i] = (x.get(row + head + i) - mean) / Math.sqrt(squares / size + EPSILON)
                    * (norm.weight().get(at) + norm.weightOffset()) + norm.bias().map(bias -> bias.get(at)).orElse(0f);
        }
        return y;
    }

    private Rows rows(RowBatch batch, int width) {
        return batch.rows(width).with(floats(CAPACITY * width));
    }

    private FloatArray floats(int size) {
        FloatArray floats = new FloatArray(size);
        for (int i = 0; i < size; i++) {
            floats.set(i, (float) random.nextGaussian());
        }
        return floats;
    }

    @Test
    void anotherSizeIsRefused() {
        Norm norm = Norm.rms(8, EPSILON, 0, new FloatArray(16));
        Heads heads = Heads.of(new RowBatch(1).rows(32), 2);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> GraphPlan.of("refused",
                        graph -> norm.addTo(graph, "norm", heads, new IntArray(1), heads)))
                .withMessage("heads of 16 for a norm of 8");
        assertThatIllegalArgumentException().isThrownBy(() -> Norm.rms(8, EPSILON, 0, new FloatArray(15)))
                .withMessage("norm weight of 15 elements: expected layers of 8");
    }
}
