package org.quantado.host.rules;

import static org.assertj.core.api.Assertions.assertThat;
import static uk.ac.manchester.tornado.api.enums.DataTransferMode.EVERY_EXECUTION;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.quantado.host.EngineExtension;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.TaskGraph;
import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** A device has one AtomicInteger of those that a kernel makes or is given, for all of its threads. */
@SuppressWarnings("UnnecessaryAsync") // TornadoVM knows this class alone.
@Tag("device")
@ExtendWith(EngineExtension.class)
class AtomicIntegersTest {
    private static final int SIZE = 1000;

    static void makesOne(IntArray tickets) {
        AtomicInteger next = new AtomicInteger(200);
        for (@Parallel int i = 0; i < tickets.getSize(); i++) {
            tickets.set(i, next.incrementAndGet());
        }
    }

    static void takesOne(IntArray tickets, AtomicInteger next) {
        for (@Parallel int i = 0; i < tickets.getSize(); i++) {
            tickets.set(i, next.incrementAndGet());
        }
    }

    static void takesOneInItems(KernelContext context, IntArray tickets, AtomicInteger next) {
        int i = context.globalIdx;
        if (i < tickets.getSize()) {
            tickets.set(i, next.incrementAndGet());
        }
    }

    static void addsInALoop(KernelContext context, IntArray which, IntArray counts) {
        for (@Parallel int i = 0; i < which.getSize(); i++) {
            context.atomicAdd(counts, which.get(i), 1);
        }
    }

    @Test
    void ofTheKernel() throws Exception {
        IntArray tickets = new IntArray(SIZE);
        Execute.once(new TaskGraph("makesOne").task("t", AtomicIntegersTest::makesOne, tickets)
                .transferToHost(EVERY_EXECUTION, tickets));
        assertTicketsFrom(201, tickets);
    }

    @Test
    void ofTheUser() throws Exception {
        IntArray tickets = new IntArray(SIZE);
        AtomicInteger next = new AtomicInteger(500);
        Execute.once(new TaskGraph("takesOne").transferToDevice(EVERY_EXECUTION, next)
                .task("t", AtomicIntegersTest::takesOne, tickets, next)
                .transferToHost(EVERY_EXECUTION, tickets, next));
        assertTicketsFrom(501, tickets);
        assertThat(next.get()).isEqualTo(500 + SIZE);
    }

    @Test
    void ofTheUserInItems() throws Exception {
        IntArray tickets = new IntArray(SIZE);
        AtomicInteger next = new AtomicInteger(500);
        Execute.onItems(1024, 64, new TaskGraph("takesOneInItems").transferToDevice(EVERY_EXECUTION, next)
                .task("t", AtomicIntegersTest::takesOneInItems, new KernelContext(), tickets, next)
                .transferToHost(EVERY_EXECUTION, tickets, next));
        assertTicketsFrom(501, tickets);
        assertThat(next.get()).isEqualTo(500 + SIZE);
    }

    @Test
    void additionsInAParallelLoop() throws Exception {
        IntArray which = new IntArray(SIZE);
        for (int i = 0; i < SIZE; i++) {
            which.set(i, i % 4);
        }
        IntArray counts = new IntArray(4);
        Execute.once(new TaskGraph("addsInALoop").transferToDevice(EVERY_EXECUTION, which, counts)
                .task("t", AtomicIntegersTest::addsInALoop, new KernelContext(), which, counts)
                .transferToHost(EVERY_EXECUTION, counts));
        assertThat(counts.toHeapArray()).containsOnly(SIZE / 4);
    }

    private static void assertTicketsFrom(int first, IntArray tickets) {
        assertThat(IntStream.of(tickets.toHeapArray()).sorted())
                .containsExactlyElementsOf(IntStream.range(first, first + SIZE).boxed().toList());
    }
}
