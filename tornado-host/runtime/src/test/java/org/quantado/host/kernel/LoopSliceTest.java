package org.quantado.host.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/** Slices share a loop nest: together they run every iteration exactly once. */
class LoopSliceTest {
    @Property
    void slicesOfOneLoop(@ForAll @IntRange(min = -50, max = 50) int init,
            @ForAll @IntRange(min = -60, max = 400) int bound,
            @ForAll @IntRange(min = 1, max = 9) int step, @ForAll @IntRange(min = 1, max = 40) int slices) {
        List<Integer> visited = new ArrayList<>();
        for (int slice = 0; slice < slices; slice++) {
            LoopSlice part = new LoopSlice(slice, slices);
            int end = part.end(init, bound, step, false);
            for (int i = part.first(init, bound, step, false); i < end; i += step) {
                visited.add(i);
            }
        }
        List<Integer> expected = new ArrayList<>();
        for (int i = init; i < bound; i += step) {
            expected.add(i);
        }
        assertThat(visited).isEqualTo(expected);
    }

    @Property
    void slicesOfTwoLoops(@ForAll @IntRange(max = 30) int rows, @ForAll @IntRange(max = 30) int columns,
            @ForAll @IntRange(min = 1, max = 4) int step, @ForAll @IntRange(min = 1, max = 70) int slices) {
        List<Integer> visited = new ArrayList<>();
        for (int slice = 0; slice < slices; slice++) {
            LoopSlice part = new LoopSlice(slice, slices);
            int endRow = part.end(0, rows, 1, true);
            LoopSlice inner = part.inner(0, rows, 1);
            for (int row = part.first(0, rows, 1, true); row < endRow; row++) {
                int endColumn = inner.end(0, columns, step, false);
                for (int column = inner.first(0, columns, step, false); column < endColumn; column += step) {
                    visited.add(row * columns + column);
                }
            }
        }
        List<Integer> expected = new ArrayList<>();
        for (int row = 0; row < rows; row++) {
            for (int column = 0; column < columns; column += step) {
                expected.add(row * columns + column);
            }
        }
        assertThat(visited).isEqualTo(expected);
    }

    @Property
    void boundsNearTheLargestInt(@ForAll @IntRange(min = 1, max = 100) int step,
            @ForAll @IntRange(min = 1, max = 64) int slices) {
        int last = 0;
        for (int slice = 0; slice < slices; slice++) {
            LoopSlice part = new LoopSlice(slice, slices);
            assertThat(part.first(0, Integer.MAX_VALUE, step, false)).isEqualTo(last);
            last = part.end(0, Integer.MAX_VALUE, step, false);
        }
        assertThat(last).isEqualTo(Integer.MAX_VALUE);
    }
}
