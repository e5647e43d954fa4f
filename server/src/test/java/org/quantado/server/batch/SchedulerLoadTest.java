package org.quantado.server.batch;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;

import org.junit.jupiter.api.Test;

import org.quantado.models.generate.Answer;
import org.quantado.models.generate.GenerationRequest;
import org.quantado.models.generate.Generator;
import org.quantado.models.generate.Sampling;
import org.quantado.models.generate.SessionSequence;
import org.quantado.models.generate.Listener;
import org.quantado.server.Tales;
import org.quantado.server.batch.Outcome.End;
import org.quantado.server.model.ServedModel;

/**
 * Clients that join and leave at random get what they would have got alone, and leave no memory behind.
 * {@code -Dquantado.load.seconds=600} makes it long.
 */
class SchedulerLoadTest {
    private static final int CLIENTS = 8;
    /** Fewer than clients, so that they wait for each other, too. */
    private static final int SLOTS = 6;
    private static final int CASES = 10;
    private static final int LONGEST_PROMPT = 160;
    private static final int MOST_TOKENS = 32;
    private static final long SECONDS = Long.getLong("quantado.load.seconds", 5);
    private static final long WARM_UP_SECONDS = 2;
    /** Bytes by which the heap may grow: what a few requests at most would leave behind, were they kept. */
    private static final long MOST_GROWTH = 4L << 20;
    private static final Duration TIME_LIMIT = Duration.ofSeconds(100);

    /** A request, and what a model that does nothing else answers. */
    private record Case(BatchRequest request, String text, int tokens) {
    }

    @Test
    void greedyAnswersUnderLoadEqualThoseAlone() throws Exception {
        List<Case> cases = alone();
        try (ServedModel model = Tales.open(SLOTS);
                Scheduler scheduler = new Scheduler(model.session(), model.tokenizer(),
                        new BatchSettings(SLOTS, CLIENTS, TIME_LIMIT))) {
            load(scheduler, cases, WARM_UP_SECONDS);
            long before = usedHeap();
            load(scheduler, cases, SECONDS);
            assertThat(usedHeap()).as("bytes of heap, before them %d", before).isLessThan(before + MOST_GROWTH);
            scheduler.drain();
            assertThat(scheduler.awaitEnd(TIME_LIMIT)).isTrue();
            assertThat(scheduler.statistics().busySlots()).isZero();
            assertThat(scheduler.waiting()).isZero();
            assertThat(scheduler.statistics().reusedTokens()).isPositive();
            assertThat(scheduler.statistics().answerTokens()).as("several answers in a step")
                    .isGreaterThan(scheduler.statistics().steps());
        }
    }

    /** Clients ask for some time, and wait for their last answers. */
    private static void load(Scheduler scheduler, List<Case> cases, long seconds) throws Exception {
        AtomicInteger finished = new AtomicInteger();
        long end = System.nanoTime() + Duration.ofSeconds(seconds).toNanos();
        try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Void>> running = new ArrayList<>();
            for (int client = 0; client < CLIENTS; client++) {
                Random random = new Random(client);
                Callable<Void> work = () -> {
                    while (System.nanoTime() < end) {
                        Case one = cases.get(random.nextInt(cases.size()));
                        if (random.nextBoolean()) {
                            askAll(scheduler, one);
                            finished.incrementAndGet();
                        } else {
                            cutOff(scheduler, one, random);
                        }
                        Thread.sleep(random.nextInt(20));
                    }
                    return null;
                };
                running.add(clients.submit(work));
            }
            for (Future<Void> client : running) {
                client.get();
            }
        }
        assertThat(finished.get()).isPositive();
    }

    private static long usedHeap() {
        System.gc();
        return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
    }

    private static void askAll(Scheduler scheduler, Case one) throws Exception {
        Collected answer = new Collected();
        scheduler.submit(one.request, answer);
        Outcome outcome = answer.outcome();
        assertThat(answer.text()).isEqualTo(one.text);
        assertThat(outcome.answerTokens()).isEqualTo(one.tokens);
    }

    /** What comes before the end is the beginning of the answer. */
    private static void cutOff(Scheduler scheduler, Case one, Random random) throws Exception {
        Collected answer = new Collected();
        Submission submission = scheduler.submit(one.request, answer);
        if (random.nextBoolean()) {
            answer.awaitText();
        }
        Thread.sleep(random.nextInt(30));
        submission.cancel();
        Outcome outcome = answer.outcome();
        if (outcome.end() == End.CANCELLED) {
            assertThat(one.text).startsWith(answer.text());
        } else {
            assertThat(answer.text()).isEqualTo(one.text);
        }
    }

    private static List<Case> alone() {
        Random random = new Random(1);
        List<Case> cases = new ArrayList<>();
        try (ServedModel model = Tales.open(1)) {
            int[] text = model.tokenizer().encode(Tales.text());
            for (int i = 0; i < CASES; i++) {
                // Half of them begin alike.
                int begin = i % 2 == 0 ? 0 : random.nextInt(text.length - LONGEST_PROMPT);
                int[] prompt = Arrays.copyOfRange(text, begin, begin + 1 + random.nextInt(LONGEST_PROMPT));
                GenerationRequest request = new GenerationRequest(Sampling.GREEDY, 1 + random.nextInt(MOST_TOKENS),
                        model.stopIds(), List.of());
                try (SessionSequence sequence = new SessionSequence(model.session())) {
                    Listener nobody = piece -> {
                    };
                    Answer answer = Generator.answer(sequence, model.tokenizer(), prompt, request, nobody);
                    cases.add(new Case(BatchRequest.of(prompt, request, 0), answer.text(), answer.ids().length));
                }
            }
        }
        return cases;
    }
}
