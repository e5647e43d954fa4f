package org.quantado.server.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

import org.junit.jupiter.api.Test;

import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.core.http.StreamResponse;
import com.openai.errors.BadRequestException;
import com.openai.errors.NotFoundException;
import com.openai.models.chat.completions.ChatCompletion;
import com.openai.models.chat.completions.ChatCompletionChunk;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import com.openai.models.chat.completions.ChatCompletionStreamOptions;
import com.openai.models.completions.CompletionCreateParams;

import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.exception.InvalidRequestException;
import dev.langchain4j.exception.ModelNotFoundException;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.model.openai.OpenAiChatModel;
import dev.langchain4j.model.openai.OpenAiStreamingChatModel;
import dev.langchain4j.model.output.FinishReason;

/** Clients that others wrote: OpenAI's own, and LangChain4j's. */
class ClientsTest {
    private static final String MODEL = "tales-2m";
    private static final String QUESTION = "Tell a story about a fox.";
    private static final int TOKENS = 24;

    private static String base() {
        return Served.uri(Served.shared(), "/v1").toString();
    }

    private static OpenAIClient openAi() {
        return OpenAIOkHttpClient.builder().baseUrl(base()).apiKey("none").maxRetries(0).build();
    }

    private static ChatCompletionCreateParams.Builder chat() {
        return ChatCompletionCreateParams.builder().model(MODEL).addUserMessage(QUESTION).maxCompletionTokens(TOKENS);
    }

    @Test
    void openAiChats() {
        OpenAIClient client = openAi();
        ChatCompletion whole = client.chat().completions().create(chat().build());
        String text = whole.choices().getFirst().message().content().orElseThrow();
        assertThat(text).isNotBlank();
        assertThat(whole.usage().orElseThrow().completionTokens()).isPositive();

        try (StreamResponse<ChatCompletionChunk> stream = client.chat().completions().createStreaming(chat()
                .streamOptions(ChatCompletionStreamOptions.builder().includeUsage(true).build()).build())) {
            List<ChatCompletionChunk> chunks = stream.stream().toList();
            assertThat(chunks.stream().flatMap(chunk -> chunk.choices().stream())
                    .flatMap(choice -> choice.delta().content().stream()).collect(Collectors.joining()))
                    .isEqualTo(text);
            assertThat(chunks.getLast().usage()).hasValueSatisfying(usage -> assertThat(usage.completionTokens())
                    .isEqualTo(whole.usage().orElseThrow().completionTokens()));
        }
        client.close();
    }

    @Test
    void openAiCompletionsAndModels() {
        OpenAIClient client = openAi();
        assertThat(client.models().list().data().getFirst().id()).isEqualTo(MODEL);
        CompletionCreateParams params = CompletionCreateParams.builder().model(MODEL).prompt("Once upon a time")
                .maxTokens(TOKENS).build();
        String whole = client.completions().create(params).choices().getFirst().text();
        try (var stream = client.completions().createStreaming(params)) {
            assertThat(stream.stream().map(part -> part.choices().getFirst().text()).collect(Collectors.joining()))
                    .isEqualTo(whole).isNotBlank();
        }
        client.close();
    }

    @Test
    void openAiErrors() {
        OpenAIClient client = openAi();
        assertThatThrownBy(() -> client.chat().completions().create(chat().model("gpt-4").build()))
                .isInstanceOf(NotFoundException.class).hasMessageContaining("tales-2m");
        assertThatThrownBy(() -> client.chat().completions().create(chat().frequencyPenalty(1.0).build()))
                .isInstanceOfSatisfying(BadRequestException.class,
                        e -> assertThat(e.param()).contains("frequency_penalty"));
        assertThatThrownBy(() -> client.chat().completions().createStreaming(chat().frequencyPenalty(1.0).build()))
                .isInstanceOf(BadRequestException.class);
        client.close();
    }

    @Test
    void langChain() throws Exception {
        ChatModel model = OpenAiChatModel.builder().baseUrl(base()).apiKey("none").modelName(MODEL)
                .maxCompletionTokens(TOKENS).maxRetries(0).build();
        ChatResponse whole = model.chat(UserMessage.from(QUESTION));
        assertThat(whole.aiMessage().text()).isNotBlank();
        assertThat(whole.tokenUsage().outputTokenCount()).isPositive();
        assertThat(whole.finishReason()).isIn(FinishReason.LENGTH, FinishReason.STOP);

        CompletableFuture<ChatResponse> end = new CompletableFuture<>();
        StringBuilder pieces = new StringBuilder();
        OpenAiStreamingChatModel.builder().baseUrl(base()).apiKey("none").modelName(MODEL).maxCompletionTokens(TOKENS)
                .build().chat(QUESTION, new StreamingChatResponseHandler() {
                    @Override
                    public void onPartialResponse(String piece) {
                        pieces.append(piece);
                    }

                    @Override
                    public void onCompleteResponse(ChatResponse response) {
                        end.complete(response);
                    }

                    @Override
                    public void onError(Throwable error) {
                        end.completeExceptionally(error);
                    }
                });
        assertThat(end.get(1, TimeUnit.MINUTES).aiMessage().text()).isEqualTo(whole.aiMessage().text());
        assertThat(pieces).hasToString(whole.aiMessage().text());
        assertThat(end.get().tokenUsage()).isEqualTo(whole.tokenUsage());
    }

    @Test
    void langChainErrors() {
        assertThatThrownBy(
                () -> OpenAiChatModel.builder().baseUrl(base()).apiKey("none").modelName("gpt-4").maxRetries(0)
                        .build().chat(QUESTION))
                .isInstanceOf(ModelNotFoundException.class);
        assertThatThrownBy(() -> OpenAiChatModel.builder().baseUrl(base()).apiKey("none").modelName(MODEL).maxRetries(0)
                .frequencyPenalty(1.0).build().chat(QUESTION)).isInstanceOf(InvalidRequestException.class)
                .hasMessageContaining("frequency_penalty");
    }
}
