package org.quantado.kernels.embedding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Random;
import java.util.function.IntBinaryOperator;
import java.util.function.ToDoubleBiFunction;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.quantado.kernels.codec.BFloat16;
import org.quantado.kernels.graph.GraphPlan;
import org.quantado.kernels.graph.Rows;
import org.quantado.kernels.matmul.QuantizedMatrix;

import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

@Tag("device")
class EmbeddingTest {
    private static final int VOCABULARY = 11;
    private static final int WIDTH = 50;
    private static final float FACTOR = 0.75f;

    private final Random random = new Random(8);

    @Test
    void floats() {
        FloatArray table = floats(VOCABULARY * WIDTH);
        check(new Embedding.OfFloats(table, WIDTH), (v, i) -> table.get(v * WIDTH + i));
    }

    @Test
    void bfloat16() {
        FloatArray values = new FloatArray(1 << Short.SIZE);
        for (int code = 0; code < values.getSize(); code++) {
            values.set(code, BFloat16.toFloat((short) code));
        }
        FloatArray ones = new FloatArray(VOCABULARY);
        ones.init(1);
        QuantizedMatrix matrix = new QuantizedMatrix(VOCABULARY, WIDTH, 16,
                words(16, (v, i) -> BFloat16.fromFloat((float) random.nextGaussian()) & 0xFFFF), values, WIDTH, ones,
                new FloatArray(1));
        check(new Embedding.OfCodes(matrix), matrix::value);
    }

    @Test
    void groupsWithZeroPoints() {
        FloatArray values = new FloatArray(16);
        for (int code = 0; code < 16; code++) {
            values.set(code, code);
        }
        QuantizedMatrix matrix = new QuantizedMatrix(VOCABULARY, WIDTH, 4, words(4, (v, i) -> random.nextInt(16)),
                values,
                16, floats(VOCABULARY * 4), floats(VOCABULARY * 4));
        check(new Embedding.OfCodes(matrix), matrix::value);
    }

    @Test
    void anotherWidthIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> GraphPlan.of("refused",
                        graph -> new Embedding.OfFloats(new FloatArray(8), 4).addTo(graph, "embed", new IntArray(1),
                                Rows.allocate(1, 8), 1)))
                .withMessage("rows of 8 for an embedding of 4");
    }

    private IntArray words(int codeBits, IntBinaryOperator code) {
        int perWord = 32 / codeBits;
        int perRow = QuantizedMatrix.wordsPerRow(WIDTH, codeBits);
        IntArray words = new IntArray(VOCABULARY * perRow);
        for (int v = 0; v < VOCABULARY; v++) {
            for (int i = 0; i < WIDTH; i++) {
                int at = v * perRow + i / perWord;
                words.set(at, words.get(at) | code.applyAsInt(v, i) << (i % perWord * codeBits));
            }
        }
        return words;
    }

    private FloatArray floats(int size) {
        FloatArray floats = new FloatArray(size);
        for (int i = 0; i < size; i++) {
            floats.set(i, (float) random.nextGaussian());
        }
        return floats;
    }

    private static void check(Embedding embedding, ToDoubleBiFunction<Integer, Integer> expected) {
        Rows y = Rows.allocate(4, WIDTH);
        IntArray ids = IntArray.fromElements(10, 0, 5, 99);
        y.setCount(3);
        try (GraphPlan plan = GraphPlan.of("tested", graph -> {
            graph.constants(embedding.arrays()).inputs(ids, y.shape());
            embedding.touch(graph, "touch");
            embedding.addTo(graph, "embed", ids, y, FACTOR);
            graph.outputs(y.values());
        })) {
            plan.execute();
        }
        for (int m = 0; m < 3; m++) {
            for (int i = 0; i < WIDTH; i++) {
                float wanted = (float) expected.applyAsDouble(ids.get(m), i) * FACTOR;
                assertThat(Math.abs(y.values().get(m * WIDTH + i) - wanted)).isLessThanOrEqualTo(2 * Math.ulp(wanted));
            }
        }
    }
}
