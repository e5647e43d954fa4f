package org.quantado.host.rules;

import static org.assertj.core.api.Assertions.assertThat;
import static uk.ac.manchester.tornado.api.enums.DataTransferMode.EVERY_EXECUTION;

import java.util.stream.IntStream;
import java.util.stream.Stream;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.quantado.host.EngineExtension;
import uk.ac.manchester.tornado.api.TaskGraph;
import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.common.TornadoFunctions.Task1;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** An iteration of a {@code @Parallel} loop is a thread: what leaves it ends that thread and no other. */
@Tag("device")
@ExtendWith(EngineExtension.class)
class LoopExitsTest {
    private static final int SIZE = 4096;
    private static final int LEAVING = 64;

    static void returns(IntArray a) {
        for (@Parallel int i = 0; i < a.getSize(); i++) {
            if (i % LEAVING == 7) {
                return;
            }
            a.set(i, i);
        }
    }

    static void breaks(IntArray a) {
        for (@Parallel int i = 0; i < a.getSize(); i++) {
            if (i % LEAVING == 7) {
                break;
            }
            a.set(i, i);
        }
    }

    static void continues(IntArray a) {
        for (@Parallel int i = 0; i < a.getSize(); i++) {
            if (i % LEAVING == 7) {
                continue;
            }
            a.set(i, i);
        }
    }

    static void returnsInside(IntArray a) {
        for (@Parallel int i = 0; i < a.getSize() / LEAVING; i++) {
            for (@Parallel int j = 0; j < LEAVING; j++) {
                if (j == 7) {
                    return;
                }
                a.set(i * LEAVING + j, i * LEAVING + j);
            }
        }
    }

    static void innerBreak(IntArray a) {
        for (@Parallel int i = 0; i < a.getSize(); i++) {
            int last = 0;
            for (int k = 0; k < 10; k++) {
                if (k > i % 5) {
                    break;
                }
                last = k;
            }
            a.set(i, last);
        }
    }

    static Stream<Arguments> leaving() {
        return Stream.of(leaving("returns", LoopExitsTest::returns), leaving("breaks", LoopExitsTest::breaks),
                leaving("continues", LoopExitsTest::continues), leaving("returnsInside", LoopExitsTest::returnsInside));
    }

    private static Arguments leaving(String name, Task1<IntArray> code) {
        return Arguments.of(name, code);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("leaving")
    void endsOneIteration(String name, Task1<IntArray> kernel) throws Exception {
        IntArray a = new IntArray(SIZE);
        a.init(-5);
        Execute.once(new TaskGraph(name).task("t", kernel, a).transferToHost(EVERY_EXECUTION, a));
        assertThat(a.toHeapArray())
                .isEqualTo(IntStream.range(0, SIZE).map(i -> i % LEAVING == 7 ? -5 : i).toArray());
    }

    @Test
    void aBreakOfALoopInsideEndsThatLoop() throws Exception {
        IntArray a = new IntArray(SIZE);
        Execute.once(new TaskGraph("innerBreak").task("t", LoopExitsTest::innerBreak, a)
                .transferToHost(EVERY_EXECUTION, a));
        assertThat(a.toHeapArray()).isEqualTo(IntStream.range(0, SIZE).map(i -> i % 5).toArray());
    }
}
