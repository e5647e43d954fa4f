package org.quantado.host.work;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;

import org.quantado.host.kernel.KernelMethod;

/**
 * Teams of threads, one thread per work-item of a group, that take group after group until none is left. The threads are
 * virtual: most of them are waiting at a barrier most of the time.
 */
final class WorkGroupTeams {
    private final KernelMethod kernel;
    private final Object[] arguments;
    private final WorkGrid grid;
    private final boolean strict;
    private final AtomicLong nextGroup = new AtomicLong();
    private final AtomicReference<KernelFailure> failure = new AtomicReference<>();

    WorkGroupTeams(KernelMethod kernel, Object[] arguments, WorkGrid grid, boolean strict) {
        this.kernel = kernel;
        this.arguments = arguments;
        this.grid = grid;
        this.strict = strict;
    }

    void run(int teams) {
        List<Thread> threads = new ArrayList<>();
        for (int t = 0; t < teams; t++) {
            Team team = new Team();
            team.takeNextGroup();
            for (int i = 0; i < grid.groupSize(); i++) {
                int item = i;
                threads.add(Thread.ofVirtual().start(() -> team.work(item)));
            }
        }
        boolean interrupted = false;
        for (Thread thread : threads) {
            interrupted |= joinUninterruptibly(thread);
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        if (failure.get() != null) {
            throw failure.get();
        }
    }

    private static boolean joinUninterruptibly(Thread thread) {
        boolean interrupted = false;
        while (true) {
            try {
                thread.join();
                return interrupted;
            } catch (InterruptedException _) {
                interrupted = true;
            }
        }
    }

    private final class Team {
        private final GroupBarrier barrier = new GroupBarrier(grid.groupSize());
        private final WorkGroup group = new WorkGroup(grid, barrier, strict);
        private volatile boolean hasGroup;

        void takeNextGroup() {
            long taken = nextGroup.getAndIncrement();
            hasGroup = taken < grid.groups() && failure.get() == null;
            if (hasGroup) {
                group.moveTo(taken);
            }
        }

        void work(int index) {
            WorkItem item = new WorkItem(group, true);
            Object[] own = WorkGroups.withContext(arguments, item);
            try {
                while (hasGroup) {
                    item.beginGroup();
                    item.moveTo(index);
                    kernel.whole().invokeExact(own);
                    barrier.awaitEnd(this::takeNextGroup);
                }
            } catch (GroupBarrier.AbandonedException _) {
                // the work-item that failed has said why
            } catch (Throwable e) {
                failure.compareAndSet(null, new KernelFailure(item.describe(), e));
                barrier.abandon();
            }
        }
    }
}
