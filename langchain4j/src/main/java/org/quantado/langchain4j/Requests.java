package org.quantado.langchain4j;

import java.util.List;
import java.util.Map;

import org.quantado.models.TextModel;
import org.quantado.models.generate.Answer;
import org.quantado.models.generate.GenerationRequest;
import org.quantado.models.generate.Sampling;

import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.ChatMessage;
import dev.langchain4j.data.message.SystemMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.exception.UnsupportedFeatureException;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.request.ResponseFormatType;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.output.FinishReason;
import dev.langchain4j.model.output.TokenUsage;

/** LangChain4j's words for what models are asked and answer. What is not honoured is refused by name. */
final class Requests {
    private Requests() {
    }

    static void requireKnown(ChatRequestParameters parameters) {
        refuse("modelName", parameters.modelName() != null);
        refuse("frequencyPenalty", isSet(parameters.frequencyPenalty()));
        refuse("presencePenalty", isSet(parameters.presencePenalty()));
        refuse("toolSpecifications", !parameters.toolSpecifications().isEmpty());
        refuse("toolChoice", parameters.toolChoice() != null);
        refuse("responseFormat", parameters.responseFormat() != null
                && parameters.responseFormat().type() != ResponseFormatType.TEXT);
    }

    private static boolean isSet(Double penalty) {
        return penalty != null && penalty != 0;
    }

    private static void refuse(String name, boolean found) {
        if (found) {
            throw new UnsupportedFeatureException(name + " is not honoured by a model in the process");
        }
    }

    static GenerationRequest generation(ChatRequestParameters parameters, TextModel model) {
        Sampling sampling = model.sampling();
        boolean draws = parameters.topP() != null || parameters.topK() != null;
        if (parameters.temperature() != null || (draws && sampling.isGreedy())) {
            sampling = sampling.withTemperature(parameters.temperature() == null ? 1 : parameters.temperature());
        }
        sampling = parameters.topP() == null ? sampling : sampling.withTopP(parameters.topP());
        sampling = parameters.topK() == null ? sampling : sampling.withTopK(parameters.topK());
        int most = parameters.maxOutputTokens() == null ? Integer.MAX_VALUE : parameters.maxOutputTokens();
        List<String> stops = parameters.stopSequences() == null ? List.of() : parameters.stopSequences();
        return new GenerationRequest(sampling, most, model.stopIds(), stops);
    }

    static org.quantado.models.text.ChatMessage message(ChatMessage message) {
        String role = switch (message.type()) {
            case SYSTEM -> org.quantado.models.text.ChatMessage.SYSTEM;
            case USER -> org.quantado.models.text.ChatMessage.USER;
            case AI -> org.quantado.models.text.ChatMessage.ASSISTANT;
            default -> throw new UnsupportedFeatureException("messages of type " + message.type());
        };
        return new org.quantado.models.text.ChatMessage(Map.of("role", role, "content", text(message)));
    }

    static String text(ChatMessage message) {
        return switch (message) {
            case SystemMessage system -> system.text();
            case UserMessage user when user.hasSingleText() -> user.singleText();
            case AiMessage ai when !ai.hasToolExecutionRequests() && ai.text() != null -> ai.text();
            default -> throw new UnsupportedFeatureException("messages of something else than text");
        };
    }

    static ChatResponse response(Answer answer, String model) {
        FinishReason reason = switch (answer.end()) {
            case STOP -> FinishReason.STOP;
            case LENGTH, CONTEXT -> FinishReason.LENGTH;
            case CANCELLED -> FinishReason.OTHER;
        };
        return ChatResponse.builder().aiMessage(AiMessage.from(answer.text())).modelName(model).finishReason(reason)
                .tokenUsage(new TokenUsage(answer.times().promptTokens(), answer.times().answerTokens())).build();
    }
}
