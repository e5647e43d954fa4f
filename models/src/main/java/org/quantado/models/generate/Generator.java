package org.quantado.models.generate;

import java.util.Arrays;

import org.quantado.models.text.Tokenizer;

/** Lets a model go on with a prompt, id by id. */
public final class Generator {
    /** Ids of a prompt that are read before somebody is told. */
    private static final int PROMPT_BLOCK = 256;

    private Generator() {
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
        GrowingAnswer answer = new GrowingAnswer(sequence, tokenizer, prompt, request, listener);
        int[] next = readAllButLastBlock(sequence, listener, prompt);
        while (!listener.isCancelled() && !answer.hasEnded()) {
            answer.goOn(sequence, next);
            next = new int[]{answer.lastId()};
        }
        return answer.finish();
    }

    /** Reads a prompt but for its last ids, which it gives. */
    private static int[] readAllButLastBlock(TokenSequence sequence, Listener listener, int... prompt) {
        int read = 0;
        while (prompt.length - read > PROMPT_BLOCK && !listener.isCancelled()) {
            sequence.append(Arrays.copyOfRange(prompt, read, read + PROMPT_BLOCK));
            read += PROMPT_BLOCK;
            listener.promptRead(read, prompt.length);
        }
        return Arrays.copyOfRange(prompt, read, prompt.length);
    }
}
