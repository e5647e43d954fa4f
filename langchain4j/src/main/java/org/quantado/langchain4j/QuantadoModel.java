package org.quantado.langchain4j;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;

import org.quantado.models.ModelOptions;
import org.quantado.models.TextModel;
import org.quantado.models.generate.Answer;
import org.quantado.models.generate.Generator;
import org.quantado.models.generate.Listener;
import org.quantado.models.generate.SessionSequence;
import org.quantado.models.text.ChatTemplate;
import org.quantado.schemes.checkpoint.CheckpointException;

import dev.langchain4j.data.message.ChatMessage;
import dev.langchain4j.model.TokenCountEstimator;
import dev.langchain4j.model.chat.request.ChatRequest;

/**
 * A model on the device, for the models of LangChain4j that are made of it. One answer is made at a time; others wait. Counts
 * tokens, too.
 */
public final class QuantadoModel implements TokenCountEstimator, AutoCloseable {
    private final String name;
    private final TextModel model;
    private final ChatTemplate template;
    private final ReentrantLock turn = new ReentrantLock(true);

    private QuantadoModel(String name, TextModel model, ChatTemplate template) {
        this.name = name;
        this.model = model;
        this.template = template;
    }

    /**
     * Opens a folder as Hugging Face lays it out.
     *
     * @throws CheckpointException if a file is missing or wrong, the model is not described, or it has no chat template
     */
    public static QuantadoModel open(Path folder) {
        return open(folder, ModelOptions.USUAL);
    }

    /** As {@link #open(Path)}. */
    public static QuantadoModel open(Path folder, ModelOptions options) {
        ChatTemplate template = ChatTemplate.find(folder).orElseThrow(() -> new CheckpointException(folder.toString(),
                "no chat template", "a model that was made for conversations"));
        return new QuantadoModel(String.valueOf(folder.getFileName()), TextModel.open(folder, options), template);
    }

    /** Its folder's name. */
    public String name() {
        return name;
    }

    /** Answers a conversation. */
    Answer answer(ChatRequest request, Listener listener) {
        Requests.requireKnown(request.parameters());
        int[] prompt = ids(request.messages());
        turn.lock();
        try (SessionSequence sequence = model.sequence()) {
            return Generator.answer(sequence, model.tokenizer(), prompt,
                    Requests.generation(request.parameters(), model),
                    listener);
        } finally {
            turn.unlock();
        }
    }

    private int[] ids(List<ChatMessage> messages) {
        return model.tokenizer().encode(template.prompt(messages.stream().map(Requests::message).toList()));
    }

    @Override
    public int estimateTokenCountInText(String text) {
        return model.tokenizer().encode(text).length;
    }

    /** As its text: what a template puts around it is known for whole conversations only. */
    @Override
    public int estimateTokenCountInMessage(ChatMessage message) {
        return estimateTokenCountInText(Requests.text(message));
    }

    /** As the model reads them, with what its template puts around them. */
    @Override
    public int estimateTokenCountInMessages(Iterable<ChatMessage> messages) {
        List<ChatMessage> list = new ArrayList<>();
        messages.forEach(list::add);
        return ids(list).length;
    }

    /** Frees the device's memory. */
    @Override
    public void close() {
        turn.lock();
        try {
            model.close();
        } finally {
            turn.unlock();
        }
    }
}
