package org.quantado.host.work;

import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

import org.quantado.host.HostEngineException;

/** Where the work-items of a group, a thread each, wait for one another: in the kernel, and when they are done. */
final class GroupBarrier {
    private final int size;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition opened = lock.newCondition();
    private int inKernel;
    private int done;
    private int phase;
    private boolean abandoned;

    GroupBarrier(int size) {
        this.size = size;
    }

    /** Thrown out of a barrier when another work-item has failed; that one has the reason. */
    static final class AbandonedException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        AbandonedException() {
            super("another work-item of the group failed", null, false, false);
        }
    }

    /** Waits in the kernel for all others. */
    void await() {
        lock.lock();
        try {
            inKernel++;
            arrive(() -> {
            });
        } finally {
            lock.unlock();
        }
    }

    /** Waits for all others to be done with the group as well; the last one runs {@code next}. */
    void awaitEnd(Runnable next) {
        lock.lock();
        try {
            done++;
            arrive(next);
        } finally {
            lock.unlock();
        }
    }

    /** Lets no one wait any longer. */
    void abandon() {
        lock.lock();
        try {
            abandoned = true;
            opened.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void arrive(Runnable last) {
        if (inKernel + done == size && !abandoned) {
            if (inKernel > 0 && done > 0) {
                throw new HostEngineException(
                        "a barrier is reached by " + inKernel + " of the group's " + size
                                + " work-items, the others are done without it");
            }
            last.run();
            inKernel = 0;
            done = 0;
            phase++;
            opened.signalAll();
            return;
        }
        int arrivedIn = phase;
        while (arrivedIn == phase && !abandoned) {
            opened.awaitUninterruptibly();
        }
        if (arrivedIn == phase) {
            throw new AbandonedException();
        }
    }
}
