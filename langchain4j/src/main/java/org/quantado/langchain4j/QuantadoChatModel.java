package org.quantado.langchain4j;

import java.util.List;

import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.listener.ChatModelListener;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.response.ChatResponse;

/** A model in the process that answers whole. */
public final class QuantadoChatModel implements ChatModel {
    private final QuantadoModel model;
    private final ChatRequestParameters defaults;
    private final List<ChatModelListener> listeners;

    /** One that answers as the model's files say. */
    public QuantadoChatModel(QuantadoModel model) {
        this(model, ChatRequestParameters.builder().build(), List.of());
    }

    /**
     * @param model closed by its owner
     * @param defaults of what a request does not say
     * @param listeners told of requests, responses and errors
     */
    public QuantadoChatModel(QuantadoModel model, ChatRequestParameters defaults, List<ChatModelListener> listeners) {
        this.model = model;
        this.defaults = defaults;
        this.listeners = List.copyOf(listeners);
    }

    @Override
    public ChatRequestParameters defaultRequestParameters() {
        return defaults;
    }

    @Override
    public List<ChatModelListener> listeners() {
        return listeners;
    }

    @Override
    public ChatResponse doChat(ChatRequest request) {
        return Requests.response(model.answer(request, piece -> {
        }), model.name());
    }
}
