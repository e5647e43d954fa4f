package org.quantado.models.generate;

import java.util.Arrays;
import java.util.OptionalLong;
import java.util.SplittableRandom;

import org.quantado.models.generate.Answer.End;
import org.quantado.models.text.StopStrings;
import org.quantado.models.text.StreamingDecoder;
import org.quantado.models.text.Tokenizer;

/** Lets a model go on with a prompt, id by id. */
public final class Generator {
    /** Ids of a prompt that are read before somebody is told. */
    private static final int PROMPT_BLOCK = 256;

    private final GenerationRequest request;
    private final Listener listener;
    private final StreamingDecoder decoder;
    private final StopStrings stops;
    private final StringBuilder text = new StringBuilder();

    private Generator(Tokenizer tokenizer, GenerationRequest request, Listener listener) {
        this.request = request;
        this.listener = listener;
        this.decoder = new StreamingDecoder(tokenizer);
        this.stops = new StopStrings(request.stopStrings());
    }

    /**
     * Appends a prompt to a sequence, and lets the model answer. The sequence then has all ids but the last of the
     * answer.
     *
     * @param prompt ids, at least one
     * @throws GenerationException if the prompt is empty or does not fit into the context
     */
    public static Answer answer(TokenSequence sequence, Tokenizer tokenizer, int[] prompt, GenerationRequest request,
            Listener listener) {
        if (prompt.length == 0) {
            throw new GenerationException("prompt", "no tokens", "at least one");
        }
        if (sequence.length() + prompt.length > sequence.capacity()) {
            throw new GenerationException("prompt", sequence.length() + prompt.length + " tokens", "at most "
                    + sequence.capacity() + ", the context");
        }
        return new Generator(tokenizer, request, listener).answer(sequence, prompt);
    }

    private Answer answer(TokenSequence sequence, int... prompt) {
        long seed = request.sampling().seed().orElseGet(() -> new SplittableRandom().nextLong(Integer.MAX_VALUE));
        Sampler sampler = new Sampler(request.sampling(), sequence.vocabularySize(), seed);
        sampler.see(prompt);
        int[] ids = new int[Math.min(request.maxTokens(), sequence.capacity())];
        int count = 0;
        long start = System.nanoTime();
        long first = start;
        End end = End.CANCELLED;
        int[] next = readAllButLastBlock(sequence, prompt);
        while (!listener.isCancelled()) {
            int id = next(sequence, sampler, next);
            if (count == 0) {
                first = System.nanoTime();
            }
            ids[count++] = id;
            sampler.see(id);
            if (request.stopIds().contains(id) || say(id)) {
                end = End.STOP;
                break;
            }
            if (count == request.maxTokens() || sequence.length() == sequence.capacity()) {
                end = count == request.maxTokens() ? End.LENGTH : End.CONTEXT;
                break;
            }
            next = new int[]{id};
        }
        long stop = System.nanoTime();
        say(stops.add(decoder.finish()));
        say(stops.finish());
        return new Answer(text.toString(), Arrays.copyOf(ids, count), end,
                request.sampling().isGreedy() ? OptionalLong.empty() : OptionalLong.of(seed),
                new Answer.Times(prompt.length, count,
                        count == 0 ? stop - start : first - start, count == 0 ? 0 : stop - first));
    }

    /** Reads a prompt but for its last ids, which it gives. */
    private int[] readAllButLastBlock(TokenSequence sequence, int... prompt) {
        int read = 0;
        while (prompt.length - read > PROMPT_BLOCK && !listener.isCancelled()) {
            sequence.append(Arrays.copyOfRange(prompt, read, read + PROMPT_BLOCK));
            read += PROMPT_BLOCK;
            listener.promptRead(read, prompt.length);
        }
        return Arrays.copyOfRange(prompt, read, prompt.length);
    }

    private int next(TokenSequence sequence, Sampler sampler, int... ids) {
        Sampling sampling = request.sampling();
        return sampling.isGreedy() && !sampling.isPenalizing()
                ? sequence.appendGreedy(ids)
                : sampler.next(sequence.append(ids));
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
