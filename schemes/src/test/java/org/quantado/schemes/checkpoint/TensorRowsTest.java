package org.quantado.schemes.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.nio.file.Path;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/** Rows with others between them are read as if they lay together. */
class TensorRowsTest {
    @Property(tries = 200)
    void everyWayOfReadingGivesTheSame(@ForAll @IntRange(min = 1, max = 6) int rows,
            @ForAll @IntRange(min = 1, max = 5) int width, @ForAll @IntRange(min = 1, max = 3) int every,
            @ForAll @IntRange(min = 1, max = 2) int everyAgain, @ForAll @IntRange(max = 5) int anyFirst,
            @ForAll @IntRange(max = 20) int anyFrom, @ForAll @IntRange(max = 20) int anyTo) {
        MemorySegment data = MemorySegment.ofArray(new byte[rows * width * Integer.BYTES]);
        for (int i = 0; i < rows * width; i++) {
            data.set(LittleEndian.INT, (long) i * Integer.BYTES, i);
        }
        Shape shape = Shape.of(rows, 1, width);
        Tensor whole = new Tensor(Path.of("file"), new TensorInfo("whole", DType.I32, shape, 0, data.byteSize()), data);
        int first = anyFirst % rows;
        Tensor some = whole.everyRow(first, every).asMatrix().everyRow(0, everyAgain);
        int taken = (int) some.shape().dimension(0);
        assertThat(taken).isEqualTo(Math.ceilDiv(rows - first, every * everyAgain));
        int[] expected = new int[taken * width];
        for (int i = 0; i < expected.length; i++) {
            expected[i] = (first + i / width * every * everyAgain) * width + i % width;
            assertThat(some.intAt(i)).isEqualTo(expected[i]);
        }
        assertThat(some.toInts()).containsExactly(expected);
        assertThat(some.data().byteSize()).isEqualTo(expected.length * (long) Integer.BYTES);
        int from = Math.min(anyFrom, anyTo) % taken;
        int to = Math.min(taken, from + Math.abs(anyTo - anyFrom));
        int[] ofRows = new int[(to - from) * width];
        System.arraycopy(expected, from * width, ofRows, 0, ofRows.length);
        assertThat(some.rows(from, to).toInts()).containsExactly(ofRows);
        assertThat(some.part(from).intAt(width - 1)).isEqualTo(expected[(from + 1) * width - 1]);
        int[] across = new int[expected.length - width / 2];
        some.read(width / 2, across);
        assertThat(across[across.length - 1]).isEqualTo(expected[expected.length - 1]);
        assertThat(across[0]).isEqualTo(expected[width / 2]);
    }
}
