package org.quantado.models.generate;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

import org.quantado.models.text.ChatMessage;
import org.quantado.models.text.ChatTemplate;
import org.quantado.models.text.Tokenizer;

/** A conversation with a model. What the model has read of it already is not read again. */
public final class Conversation implements AutoCloseable {
    private final TokenSequence sequence;
    private final Tokenizer tokenizer;
    private final ChatTemplate template;
    private final List<ChatMessage> messages = new ArrayList<>();
    /** What the sequence has. */
    private int[] read = new int[0];

    /**
     * @param sequence an empty one
     * @param beginning messages before the first question, such as the system's
     */
    public Conversation(TokenSequence sequence, Tokenizer tokenizer, ChatTemplate template,
            List<ChatMessage> beginning) {
        this.sequence = sequence;
        this.tokenizer = tokenizer;
        this.template = template;
        messages.addAll(beginning);
    }

    /**
     * Asks the model. Question and answer, even one that was cancelled, become part of the conversation.
     *
     * @throws GenerationException if the conversation does not fit into the context; it is then as before
     */
    public Answer ask(String question, GenerationRequest request, Listener listener) {
        List<ChatMessage> asked = new ArrayList<>(messages);
        asked.add(ChatMessage.user(question));
        int[] ids = tokenizer.encode(template.prompt(asked));
        if (ids.length > sequence.capacity()) {
            throw new GenerationException("conversation", ids.length + " tokens", "at most " + sequence.capacity()
                    + ", the context");
        }
        int common = Math.min(Arrays.mismatch(ids, read) < 0 ? ids.length : Arrays.mismatch(ids, read),
                Math.max(0, ids.length - 1));
        sequence.rewind(common);
        read = Arrays.copyOf(ids, common);
        Answer answer = Generator.answer(sequence, tokenizer, Arrays.copyOfRange(ids, common, ids.length), request,
                listener);
        read = Arrays.copyOf(concat(ids, answer.ids()), sequence.length());
        messages.clear();
        messages.addAll(asked);
        messages.add(ChatMessage.assistant(answer.text()));
        return answer;
    }

    private static int[] concat(int[] first, int... second) {
        int[] all = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, all, first.length, second.length);
        return all;
    }

    /** Ends it; its place in the session is free. */
    @Override
    public void close() {
        sequence.close();
    }

    /** What was said, in order. */
    public List<ChatMessage> messages() {
        return List.copyOf(messages);
    }
}
