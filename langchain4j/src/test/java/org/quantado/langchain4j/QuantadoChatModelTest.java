package org.quantado.langchain4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.exception.UnsupportedFeatureException;
import dev.langchain4j.model.chat.listener.ChatModelListener;
import dev.langchain4j.model.chat.listener.ChatModelResponseContext;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.PartialResponse;
import dev.langchain4j.model.chat.response.PartialResponseContext;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.model.output.FinishReason;

class QuantadoChatModelTest {
    private static final String QUESTION = "Tell a story about a fox.";
    private static final ChatRequestParameters SHORT = ChatRequestParameters.builder().maxOutputTokens(24).build();
    private static QuantadoModel model;

    @BeforeAll
    static void open() {
        model = QuantadoModel.open(Path.of(System.getProperty("quantado.root"),
                "cli/src/main/resources/org/quantado/cli/demo/tales-2m"));
    }

    @AfterAll
    static void close() {
        model.close();
    }

    /** What a stream says; with a number of pieces after which it is cancelled. */
    private static final class Pieces implements StreamingChatResponseHandler {
        private final int most;
        private final List<String> pieces = new ArrayList<>();
        private final CompletableFuture<ChatResponse> end = new CompletableFuture<>();

        private Pieces(int most) {
            this.most = most;
        }

        @Override
        public void onPartialResponse(PartialResponse piece, PartialResponseContext context) {
            pieces.add(piece.text());
            if (pieces.size() == most) {
                context.streamingHandle().cancel();
            }
        }

        @Override
        public void onCompleteResponse(ChatResponse response) {
            end.complete(response);
        }

        @Override
        public void onError(Throwable error) {
            end.completeExceptionally(error);
        }
    }

    @Test
    void streamIsTheWholeAnswerAndTokensAreCounted() throws Exception {
        ChatResponse whole = new QuantadoChatModel(model, SHORT, List.of()).chat(UserMessage.from(QUESTION));
        Pieces pieces = new Pieces(Integer.MAX_VALUE);
        new QuantadoStreamingChatModel(model, SHORT, List.of()).chat(QUESTION, pieces);

        assertThat(pieces.end.get(1, TimeUnit.MINUTES).aiMessage()).isEqualTo(whole.aiMessage());
        assertThat(String.join("", pieces.pieces)).isEqualTo(whole.aiMessage().text()).isNotBlank();
        assertThat(whole.tokenUsage().outputTokenCount()).isEqualTo(24);
        assertThat(whole.finishReason()).isEqualTo(FinishReason.LENGTH);
        assertThat(whole.tokenUsage().inputTokenCount())
                .isEqualTo(model.estimateTokenCountInMessages(List.of(UserMessage.from(QUESTION))))
                .isGreaterThan(model.estimateTokenCountInText(QUESTION));
    }

    @Test
    void cancelledStreamsEnd() {
        Pieces pieces = new Pieces(2);
        new QuantadoStreamingChatModel(model).chat(QUESTION, pieces);
        ChatResponse next = new QuantadoChatModel(model, SHORT, List.of()).chat(UserMessage.from(QUESTION));

        assertThat(next.aiMessage().text()).isNotBlank();
        assertThat(pieces.end).isNotDone();
    }

    @Test
    void listenersAreTold() {
        List<String> told = new ArrayList<>();
        new QuantadoChatModel(model, SHORT, List.of(new ChatModelListener() {
            @Override
            public void onResponse(ChatModelResponseContext context) {
                told.add(context.chatResponse().modelName());
            }
        })).chat(QUESTION);
        assertThat(told).containsExactly("tales-2m");
    }

    @Test
    void whatIsNotHonouredIsRefusedByName() {
        ChatRequestParameters penalty = ChatRequestParameters.builder().frequencyPenalty(0.5).build();
        assertThatThrownBy(() -> new QuantadoChatModel(model, penalty, List.of()).chat(QUESTION))
                .isInstanceOf(UnsupportedFeatureException.class).hasMessageContaining("frequencyPenalty");
        Pieces pieces = new Pieces(1);
        new QuantadoStreamingChatModel(model, penalty, List.of()).chat(QUESTION, pieces);
        assertThat(pieces.end).failsWithin(10, TimeUnit.SECONDS).withThrowableThat()
                .withMessageContaining("frequencyPenalty");
    }
}
