package org.quantado.langchain4j;

import java.util.List;

import org.quantado.models.generate.Listener;

import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.listener.ChatModelListener;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.PartialResponse;
import dev.langchain4j.model.chat.response.PartialResponseContext;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.model.chat.response.StreamingHandle;

/** A model in the process that answers piece by piece, in a thread of its own. */
public final class QuantadoStreamingChatModel implements StreamingChatModel {
    private final QuantadoModel model;
    private final ChatRequestParameters defaults;
    private final List<ChatModelListener> listeners;

    /** One that answers as the model's files say. */
    public QuantadoStreamingChatModel(QuantadoModel model) {
        this(model, ChatRequestParameters.builder().build(), List.of());
    }

    /**
     * @param model closed by its owner
     * @param defaults of what a request does not say
     * @param listeners told of requests, responses and errors
     */
    public QuantadoStreamingChatModel(QuantadoModel model, ChatRequestParameters defaults,
            List<ChatModelListener> listeners) {
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
    public void doChat(ChatRequest request, StreamingChatResponseHandler handler) {
        Thread.ofPlatform().name("answer").daemon().start(() -> answer(request, handler));
    }

    private void answer(ChatRequest request, StreamingChatResponseHandler handler) {
        Cancellation cancellation = new Cancellation();
        ChatResponse response;
        try {
            response = Requests.response(model.answer(request, new Listener() {
                @Override
                public void text(String piece) {
                    handler.onPartialResponse(new PartialResponse(piece), new PartialResponseContext(cancellation));
                }

                @Override
                public boolean isCancelled() {
                    return cancellation.isCancelled();
                }
            }), model.name());
        } catch (RuntimeException e) {
            handler.onError(e);
            return;
        }
        if (!cancellation.isCancelled()) {
            handler.onCompleteResponse(response);
        }
    }

    private static final class Cancellation implements StreamingHandle {
        private volatile boolean cancelled;

        @Override
        public void cancel() {
            cancelled = true;
        }

        @Override
        public boolean isCancelled() {
            return cancelled;
        }
    }
}
