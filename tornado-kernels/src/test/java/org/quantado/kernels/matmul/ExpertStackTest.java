package org.quantado.kernels.matmul;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.quantado.kernels.engine.DeviceLimits;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

class ExpertStackTest {
    private static final int OUTPUTS = 3;
    private static final int INPUTS = 8;

    private static LinearWeight weight(int outputs, float value) {
        IntArray words = new IntArray(outputs * QuantizedMatrix.wordsPerRow(INPUTS, Byte.SIZE));
        FloatArray table = new FloatArray(1 << Byte.SIZE);
        table.init(1);
        FloatArray scales = new FloatArray(outputs);
        scales.init(1);
        FloatArray bias = new FloatArray(outputs);
        bias.init(value);
        return new LinearWeight(
                new QuantizedMatrix(outputs, INPUTS, Byte.SIZE, words, table, INPUTS, scales, new FloatArray(1)), bias);
    }

    @Test
    void expertsComeOneAfterAnother() {
        ExpertStack stack = new ExpertStack(2);
        stack.add(weight(OUTPUTS, 1));
        assertThatThrownBy(stack::matrix).isInstanceOf(IllegalStateException.class)
                .hasMessage("1 of 2 experts were added");
        stack.add(weight(OUTPUTS, 2));
        ExpertMatrix matrix = stack.matrix();
        assertThat(matrix.outputs()).isEqualTo(OUTPUTS);
        assertThat(matrix.stacked().bias().toHeapArray()).containsExactly(1, 1, 1, 2, 2, 2);
    }

    @Test
    void expertsMustBeAlike() {
        ExpertStack stack = new ExpertStack(2);
        stack.add(weight(OUTPUTS, 1));
        assertThatThrownBy(() -> stack.add(weight(OUTPUTS + 1, 1))).isInstanceOf(IllegalArgumentException.class)
                .hasMessage("expert 1 has a weight of another size or format than the first");
    }

    @Test
    void moreElementsThanAnArrayHoldsAreRefused() {
        assertThatThrownBy(() -> new ExpertStack(Integer.MAX_VALUE / 2).add(weight(OUTPUTS, 1)))
                .isInstanceOf(IllegalArgumentException.class).hasMessage("the weights of 1073741823 experts need an"
                        + " array of 6442450938 elements; one array holds at most " + DeviceLimits.maxElements()
                        + ": use a larger expert- or tensor-parallel size");
    }

    @Test
    void expertsThatAreReadOneByOneAreTheSame() {
        ExpertMatrix all = new RandomWeights(3).e2m1(3, 20, 64);
        ExpertMatrix stacked = ExpertStack.of(new OneByOne(all));
        QuantizedMatrix expected = all.matrix();
        assertThat(stacked.matrix().words().toHeapArray()).isEqualTo(expected.words().toHeapArray());
        assertThat(stacked.matrix().scales().toHeapArray()).isEqualTo(expected.scales().toHeapArray());
        assertThat(stacked.stacked().bias().toHeapArray()).isEqualTo(all.stacked().bias().toHeapArray());
    }

    @Test
    void columnsInAnOrderOfTheirOwnAreRefused() {
        QuantizedMatrix matrix = weight(OUTPUTS, 1).matrix().load();
        LinearWeight ordered = new LinearWeight(matrix, new FloatArray(OUTPUTS), INPUTS,
                Optional.of(IntArray.fromElements(7, 6, 5, 4, 3, 2, 1, 0)));
        assertThatThrownBy(() -> new ExpertStack(1).add(ordered)).isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("weight_g_idx");
    }
}
