package org.quantado.server.batch;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import org.quantado.models.decoder.Session;
import org.quantado.models.generate.GenerationException;
import org.quantado.models.generate.SequenceSteps;
import org.quantado.models.text.Tokenizer;
import org.quantado.server.batch.Outcome.End;

import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/**
 * Runs requests together on one session. Its one thread takes turns: a step gives each answer that is under way one id, all of
 * them in one pass through the weights; then one block of one prompt is read, so that a long prompt makes the others wait for
 * a block at most. Between two turns requests join, end, and are given up.
 */
public final class Scheduler implements AutoCloseable {
    /** Ids of a prompt between two steps: as many as go through the weights at once, fewer where answers wait for them. */
    private static final int PROMPT_BLOCK = 256;
    private static final int PROMPT_BLOCK_BESIDE_ANSWERS = 64;

    private final Session session;
    private final Tokenizer tokenizer;
    private final BatchSettings settings;
    private final RequestQueue queue;
    private final BatchStatistics statistics = new BatchStatistics();
    private final List<Slot> slots;
    private final FreeSlots free;
    private final Deque<Running> reading = new ArrayDeque<>();
    private final List<Running> answering = new ArrayList<>();
    private final SequenceSteps steps;
    private final Thread thread;
    private volatile boolean abandoned;

    /**
     * Starts it.
     *
     * @param session one without open sequences and with room for as many as there are slots, which nobody else uses from now
     *     on; it may be closed after this
     */
    public Scheduler(Session session, Tokenizer tokenizer, BatchSettings settings) {
        this.session = session;
        this.tokenizer = tokenizer;
        this.settings = settings;
        this.queue = new RequestQueue(settings.slots() + settings.queue());
        this.slots = Stream.generate(() -> new Slot(session)).limit(settings.slots()).toList();
        this.free = new FreeSlots(slots);
        this.steps = new SequenceSteps(session);
        this.thread = Thread.ofPlatform().name("batch").daemon().unstarted(this::run);
        thread.start();
    }

    /** Most ids of a prompt and its answer together. */
    public int context() {
        return session.context();
    }

    /** How many there may be, and for how long. */
    public BatchSettings settings() {
        return settings;
    }

    /** What it did and does. */
    public BatchStatistics statistics() {
        return statistics;
    }

    /** Requests that wait for a slot. */
    public int waiting() {
        return queue.size();
    }

    /** Whether it takes no more requests. */
    public boolean isDraining() {
        return queue.isDraining();
    }

    /** As {@link #submit(List, List)}, of one. */
    public Submission submit(BatchRequest request, AnswerListener listener) {
        return submit(List.of(request), List.of(listener)).getFirst();
    }

    /**
     * Takes all of some requests, or none.
     *
     * @param listeners one for each
     * @throws IllegalArgumentException if a prompt is longer than the context
     * @throws QueueFullException if there is no room for them
     * @throws DrainingException if no more are taken
     */
    public List<Submission> submit(List<BatchRequest> requests, List<AnswerListener> listeners) {
        requests.forEach(request -> {
            if (request.prompt().length > context()) {
                throw new IllegalArgumentException(
                        "a prompt of " + request.prompt().length + " tokens, in a context of "
                                + context());
            }
        });
        long now = System.nanoTime();
        long deadline = now + settings.timeLimit().toNanos();
        List<Submission> submissions = IntStream.range(0, requests.size())
                .mapToObj(i -> new Submission(requests.get(i), listeners.get(i), now, deadline)).toList();
        queue.add(submissions, statistics.retrySeconds(queue.size(), settings.slots()));
        return submissions;
    }

    private void run() {
        while (isBusy() || queue.await()) {
            giveUp();
            join();
            try {
                step();
                readBlock();
            } catch (RuntimeException e) {
                failAll(e);
            }
            leave();
        }
    }

    private boolean isBusy() {
        return !reading.isEmpty() || !answering.isEmpty();
    }

    private List<Running> running() {
        return Stream.concat(reading.stream(), answering.stream()).toList();
    }

    /** Ends what nobody wants any more, and what took too long. */
    private void giveUp() {
        queue.removeIf(submission -> abandoned || submission.isCancelled())
                .forEach(submission -> endWaiting(submission, End.CANCELLED));
        queue.removeIf(Submission::isLate).forEach(submission -> endWaiting(submission, End.TIMEOUT));
        running().forEach(running -> running.check(abandoned));
        leave();
    }

    private void endWaiting(Submission submission, End end) {
        queue.ended();
        submission.listener().end(new Outcome(end, submission.request().prompt().length, 0, 0, 0, 0, Optional.empty()));
    }

    private void join() {
        while (!free.isEmpty()) {
            Optional<Submission> next = queue.poll();
            if (next.isEmpty()) {
                break;
            }
            Slot slot = free.take(next.get().request().prompt());
            Running running = new Running(next.get(), slot, tokenizer, session.vocabulary());
            statistics.reused(slot.length());
            if (running.isReadButForLast()) {
                answering.add(running);
                statistics.promptRead(1);
            } else {
                reading.add(running);
            }
        }
        noteSlots();
    }

    /** Gives each answer its next id. */
    private void step() {
        if (answering.isEmpty()) {
            return;
        }
        int[] sequences = answering.stream().mapToInt(running -> running.slot().sequence()).toArray();
        int[] ids = answering.stream().mapToInt(Running::lastId).toArray();
        int[] next = answering.stream().allMatch(Running::isPlainGreedy)
                ? steps.greedy(sequences, ids)
                : steps.chosen(sequences, ids, (index, logits) -> choose(answering.get(index), logits));
        for (int i = 0; i < next.length; i++) {
            answering.get(i).slot().fed(ids[i]);
            answering.get(i).accept(next[i]);
        }
        statistics.stepped(ids.length);
    }

    /** The next id of one answer; if there is none, it ends. */
    private static int choose(Running running, FloatArray logits) {
        try {
            return running.choose(logits);
        } catch (GenerationException e) {
            running.fail(e);
            return 0;
        }
    }

    /** Reads a block of a prompt, of one after the other; with its last block the answer begins. */
    private void readBlock() {
        Running running = reading.poll();
        if (running == null) {
            return;
        }
        int[] block = running.nextBlock(answering.isEmpty() ? PROMPT_BLOCK : PROMPT_BLOCK_BESIDE_ANSWERS);
        reading.add(running);
        int next = running.isPlainGreedy()
                ? session.next(running.slot().sequence(), block)
                : firstId(running, block);
        running.slot().fed(block);
        statistics.promptRead(block.length);
        if (running.isPromptRead()) {
            reading.removeLast();
            answering.add(running);
            running.accept(next);
            statistics.stepped(1);
        }
    }

    private int firstId(Running running, int... block) {
        FloatArray logits = session.logits(running.slot().sequence(), block);
        return running.isPromptRead() ? choose(running, logits) : 0;
    }

    /** Nothing is known of the session any more but that its sequences are there. */
    private void failAll(RuntimeException failure) {
        running().forEach(running -> running.fail(failure));
        slots.forEach(Slot::clear);
    }

    /** Takes slots back. */
    private void leave() {
        running().stream().filter(Running::hasEnded).forEach(running -> {
            statistics.ended(running.nanos());
            free.giveBack(running.slot());
            queue.ended();
        });
        reading.removeIf(Running::hasEnded);
        answering.removeIf(Running::hasEnded);
        noteSlots();
    }

    private void noteSlots() {
        statistics.slots(slots.size() - free.size(), slots.stream().mapToLong(Slot::length).sum());
    }

    /** Takes no more requests; those that are there are finished. */
    public void drain() {
        queue.drain();
    }

    /**
     * Waits, after {@link #drain}, until all have ended.
     *
     * @return whether they did
     */
    public boolean awaitEnd(Duration limit) throws InterruptedException {
        return thread.join(limit);
    }

    /** Ends all requests at the next token, and takes no more. */
    @Override
    public void close() {
        abandoned = true;
        drain();
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
