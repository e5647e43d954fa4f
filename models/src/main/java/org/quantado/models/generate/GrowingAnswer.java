package org.quantado.models.generate;

import java.util.Arrays;
import java.util.OptionalLong;
import java.util.SplittableRandom;

import org.quantado.models.generate.Answer.End;
import org.quantado.models.text.StopStrings;
import org.quantado.models.text.StreamingDecoder;
import org.quantado.models.text.Tokenizer;

import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/** An answer that takes one id after another, until it ends. */
final class GrowingAnswer {
    private final GenerationRequest request;
    private final Listener listener;
    private final StreamingDecoder decoder;
    private final StopStrings stops;
    private final StringBuilder text = new StringBuilder();
    private final int promptTokens;
    private final int capacity;
    private final long seed;
    private final Sampler sampler;
    private final int[] ids;
    private final long start = System.nanoTime();
    private int count;
    private long first = start;
    private End end = End.CANCELLED;
    private boolean ended;

    /**
     * Begins with none.
     *
     * @param sequence to which the prompt will be appended
     * @throws GenerationException if the prompt is empty or does not fit into the context
     */
    GrowingAnswer(TokenSequence sequence, Tokenizer tokenizer, int[] prompt, GenerationRequest request,
            Listener listener) {
        if (prompt.length == 0) {
            throw new GenerationException("prompt", "no tokens", "at least one");
        }
        if (sequence.length() + prompt.length > sequence.capacity()) {
            throw new GenerationException("prompt", sequence.length() + prompt.length + " tokens", "at most "
                    + sequence.capacity() + ", the context");
        }
        this.request = request;
        this.listener = listener;
        this.decoder = new StreamingDecoder(tokenizer);
        this.stops = new StopStrings(request.stopStrings());
        this.promptTokens = prompt.length;
        this.capacity = sequence.capacity();
        this.seed = request.sampling().seed().orElseGet(() -> new SplittableRandom().nextLong(Integer.MAX_VALUE));
        this.sampler = new Sampler(request.sampling(), sequence.vocabularySize(), seed);
        this.ids = new int[Math.min(request.maxTokens(), capacity)];
        sampler.see(prompt);
    }

    /** Whether the most likely id is all that has to be known. */
    boolean isPlainGreedy() {
        return request.sampling().isPlainGreedy();
    }

    /**
     * Appends ids to a sequence, and takes the one that comes next.
     *
     * @throws GenerationException if a logit is no number
     */
    void goOn(TokenSequence sequence, int... more) {
        int id = isPlainGreedy() ? sequence.appendGreedy(more) : choose(sequence.append(more));
        accept(id, sequence.length());
    }

    /**
     * Chooses the next id.
     *
     * @param logits {@code [V]} or more, changed
     * @throws GenerationException if a logit is no number
     */
    int choose(FloatArray logits) {
        return sampler.next(logits);
    }

    /**
     * Takes the next id.
     *
     * @param length of the sequence, without it
     */
    void accept(int id, int length) {
        if (count == 0) {
            first = System.nanoTime();
        }
        ids[count++] = id;
        sampler.see(id);
        if (request.stopIds().contains(id) || say(id)) {
            end(End.STOP);
        } else if (count == request.maxTokens()) {
            end(End.LENGTH);
        } else if (length == capacity) {
            end(End.CONTEXT);
        }
    }

    private void end(End why) {
        end = why;
        ended = true;
    }

    boolean hasEnded() {
        return ended;
    }

    /** The last id, which is in no sequence yet. */
    int lastId() {
        return ids[count - 1];
    }

    /** What was said; it takes no more. */
    Answer finish() {
        long stop = System.nanoTime();
        say(stops.add(decoder.finish()));
        say(stops.finish());
        return new Answer(text.toString(), Arrays.copyOf(ids, count), end,
                request.sampling().isGreedy() ? OptionalLong.empty() : OptionalLong.of(seed),
                new Answer.Times(promptTokens, count, count == 0 ? stop - start : first - start,
                        count == 0 ? 0 : stop - first));
    }

    /** Says what is certain with this id, and whether a stop string came. */
    private boolean say(int id) {
        say(stops.add(decoder.add(id)));
        return stops.found();
    }

    private void say(String piece) {
        if (!piece.isEmpty()) {
            text.append(piece);
            listener.text(piece);
        }
    }
}
