package org.quantado.host.work;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.IntConsumer;

/** Threads that share the parts of a task; they end when they have been idle for a minute. */
final class Cores {
    private static final ExecutorService HELPERS = Executors
            .newCachedThreadPool(Thread.ofPlatform().daemon().name("quantado-host-", 0).factory());

    private Cores() {
    }

    /**
     * Runs {@code body} for the parts 0 to {@code parts - 1} on the calling thread and up to {@code threads - 1} others,
     * who are asked for help at once or, if the work was quick before, only when it is not. When one throws, parts that
     * have not begun are left out, and the exception is thrown here.
     */
    static void forEach(int parts, int threads, Pace pace, IntConsumer body) {
        int helpers = Math.min(parts, threads) - 1;
        long start = System.nanoTime();
        int begun = 0;
        while (helpers > 0 && begun < parts && pace.mayBeQuick(System.nanoTime() - start)) {
            body.accept(begun++);
        }
        if (begun < parts) {
            share(begun, parts, helpers, body);
        }
        pace.took(System.nanoTime() - start);
    }

    private static void share(int first, int parts, int helpers, IntConsumer body) {
        Parts work = new Parts(first, parts, body);
        for (int i = 0; i < Math.min(parts - first - 1, helpers); i++) {
            HELPERS.execute(work);
        }
        work.run();
        work.await();
    }

    private static final class Parts implements Runnable {
        private final int parts;
        private final IntConsumer body;
        private final AtomicInteger next;
        private final CountDownLatch open;
        private final AtomicReference<Throwable> failure = new AtomicReference<>();

        Parts(int first, int parts, IntConsumer body) {
            this.parts = parts;
            this.body = body;
            this.next = new AtomicInteger(first);
            this.open = new CountDownLatch(parts - first);
        }

        @Override
        public void run() {
            for (int part = next.getAndIncrement(); part < parts; part = next.getAndIncrement()) {
                try {
                    if (failure.get() == null) {
                        body.accept(part);
                    }
                } catch (RuntimeException | Error e) {
                    failure.compareAndSet(null, e);
                } finally {
                    open.countDown();
                }
            }
        }

        void await() {
            boolean interrupted = false;
            while (true) {
                try {
                    open.await();
                    break;
                } catch (InterruptedException _) {
                    interrupted = true;
                }
            }
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
            switch (failure.get()) {
                case RuntimeException e -> throw e;
                case Error e -> throw e;
                case null, default -> {
                }
            }
        }
    }
}
