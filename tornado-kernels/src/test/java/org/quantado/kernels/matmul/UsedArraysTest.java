package org.quantado.kernels.matmul;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

class UsedArraysTest {
    /** Of an odd size, so that no other test has arrays like it. */
    private static QuantizedMatrix matrix() {
        return new QuantizedMatrix(1237, 8, 8, UsedArrays.ints(2 * 1237), new FloatArray(256), 8,
                UsedArrays.floats(1237), new FloatArray(1));
    }

    @Test
    void givenBackArraysServeAgainOnce() {
        QuantizedMatrix first = matrix();
        QuantizedMatrix second = matrix();
        UsedArrays.giveBack(first);
        assertThat(second.words()).isNotSameAs(first.words());
        assertThat(UsedArrays.ints(2 * 1237 + 1)).isNotSameAs(first.words());
        QuantizedMatrix third = matrix();
        assertThat(third.words()).isSameAs(first.words());
        assertThat(third.scales()).isSameAs(first.scales());
        assertThat(matrix().words()).isNotSameAs(first.words());
    }

    @Test
    void sizesAreThoseAskedFor() {
        IntArray ints = UsedArrays.ints(31);
        FloatArray floats = UsedArrays.floats(33);
        assertThat(ints.getSize()).isEqualTo(31);
        assertThat(floats.getSize()).isEqualTo(33);
    }
}
