package org.quantado.server.batch;

import java.util.Arrays;
import java.util.Optional;

import org.quantado.models.text.StopStrings;
import org.quantado.models.text.StreamingDecoder;
import org.quantado.models.text.Tokenizer;
import org.quantado.server.batch.Outcome.End;

import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/** A request that has a slot: first its prompt is read, block by block, then it gets an id with each step of the batch. */
final class Running {
    private final Submission submission;
    private final BatchRequest request;
    private final Slot slot;
    private final int reused;
    private final TokenChooser chooser;
    private final StreamingDecoder decoder;
    private final StopStrings stops;
    private int answered;
    private int last;
    private long first;
    private boolean ended;

    Running(Submission submission, Slot slot, Tokenizer tokenizer, int vocabulary) {
        this.submission = submission;
        this.request = submission.request();
        this.slot = slot;
        this.reused = slot.length();
        this.last = request.prompt()[request.prompt().length - 1];
        this.chooser = new TokenChooser(request, vocabulary);
        this.decoder = new StreamingDecoder(tokenizer);
        this.stops = new StopStrings(request.generation().stopStrings());
    }

    Slot slot() {
        return slot;
    }

    boolean isPlainGreedy() {
        return request.isPlainGreedy();
    }

    /** The next ids of the prompt that the model has not read, at most so many. */
    int[] nextBlock(int most) {
        int from = slot.length();
        return Arrays.copyOfRange(request.prompt(), from, Math.min(request.prompt().length, from + most));
    }

    /** Whether the last id of the prompt is all that the model has not read. */
    boolean isReadButForLast() {
        return slot.length() == request.prompt().length - 1;
    }

    boolean isPromptRead() {
        return slot.length() >= request.prompt().length;
    }

    /** The last id of the prompt and the answer, which the model has not read. */
    int lastId() {
        return last;
    }

    /**
     * The next id.
     *
     * @param logits {@code [V]}, changed
     */
    int choose(FloatArray logits) {
        return chooser.choose(logits);
    }

    /** Goes on with an id, unless it has ended. */
    void accept(int id) {
        if (ended) {
            return;
        }
        if (answered++ == 0) {
            first = System.nanoTime();
        }
        last = id;
        if (request.generation().stopIds().contains(id)) {
            chooser.dropLast();
            end(End.STOP);
            return;
        }
        boolean complete = chooser.completes(id);
        say(stops.add(decoder.add(id)));
        if (stops.found() || complete) {
            end(End.STOP);
        } else if (answered == request.generation().maxTokens() || slot.length() == slot.capacity()) {
            end(End.LENGTH);
        }
    }

    private void say(String text) {
        if (!text.isEmpty()) {
            submission.listener().piece(text, chooser.takeProbabilities());
        }
    }

    /** Ends it if nobody wants it any more, or it took too long. */
    void check(boolean abandoned) {
        if (abandoned || submission.isCancelled()) {
            end(End.CANCELLED);
        } else if (submission.isLate()) {
            end(End.TIMEOUT);
        }
    }

    boolean hasEnded() {
        return ended;
    }

    /** From its arrival until now. */
    long nanos() {
        return System.nanoTime() - submission.arrival();
    }

    private void end(End end) {
        String rest = stops.add(decoder.finish()) + stops.finish();
        if (!rest.isEmpty() || chooser.hasProbabilities()) {
            submission.listener().piece(rest, chooser.takeProbabilities());
        }
        tell(end, Optional.empty());
    }

    /** Ends it because something went wrong. */
    void fail(RuntimeException failure) {
        if (!ended) {
            tell(End.FAILED, Optional.of(failure));
        }
    }

    private void tell(End end, Optional<RuntimeException> failure) {
        ended = true;
        submission.listener().end(new Outcome(end, request.prompt().length, reused, answered,
                answered == 0 ? 0 : first - submission.arrival(),
                answered == 0 ? 0 : System.nanoTime() - first, failure));
    }
}
