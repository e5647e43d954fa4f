package org.quantado.server.api;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import org.quantado.models.text.ChatMessage;
import org.quantado.server.batch.Outcome;
import org.quantado.server.batch.TokenProbability;
import org.quantado.server.model.ServedModel;
import org.quantado.server.model.ToolCall;
import org.quantado.server.model.ToolCallReader;
import org.quantado.server.model.ToolFormat;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** Answers of a chat. */
final class ChatFormat implements AnswerFormat {
    private static final String CHUNK = "chat.completion.chunk";

    private final Envelope envelope;
    private final ServedModel model;
    private final boolean withProbabilities;
    private final List<Choice> choices;

    /** What is known of one choice. */
    private static final class Choice {
        private final Optional<ToolCallReader> reader;
        private final StringBuilder text = new StringBuilder();
        private final List<TokenProbability> probabilities = new ArrayList<>();
        private List<ToolCall> calls = List.of();
        private String finishReason = "";

        private Choice(Optional<ToolFormat> tools) {
            this.reader = tools.map(ToolCallReader::new);
        }
    }

    /** @param tools how the model writes calls, if there are tools */
    ChatFormat(ServedModel model, int choices, boolean withProbabilities, Optional<ToolFormat> tools) {
        this.envelope = new Envelope("chatcmpl-", model.id());
        this.model = model;
        this.withProbabilities = withProbabilities;
        this.choices = Stream.generate(() -> new Choice(tools)).limit(choices).toList();
    }

    private static ObjectNode object() {
        return JsonNodeFactory.instance.objectNode();
    }

    private ObjectNode chunk(int choice, ObjectNode delta, List<TokenProbability> probabilities, String finishReason) {
        ObjectNode json = object().put("index", choice);
        json.set("delta", delta);
        if (withProbabilities && finishReason == null) {
            json.set("logprobs", probabilities(probabilities));
        } else {
            json.putNull("logprobs");
        }
        json.put("finish_reason", finishReason);
        return envelope.object(CHUNK, List.of(json));
    }

    @Override
    public Optional<ObjectNode> begin(int choice) {
        return Optional
                .of(chunk(choice, object().put("role", ChatMessage.ASSISTANT).put("content", ""), List.of(), null));
    }

    @Override
    public Optional<ObjectNode> piece(int choice, String text, List<TokenProbability> probabilities) {
        Choice one = choices.get(choice);
        String certain = one.reader.map(reader -> reader.add(text)).orElse(text);
        one.text.append(certain);
        one.probabilities.addAll(probabilities);
        return certain.isEmpty() && probabilities.isEmpty()
                ? Optional.empty()
                : Optional.of(chunk(choice, object().put("content", certain), probabilities, null));
    }

    @Override
    public List<ObjectNode> end(int choice, Outcome outcome) {
        Choice one = choices.get(choice);
        List<ObjectNode> chunks = new ArrayList<>();
        one.finishReason = Envelope.finishReason(outcome);
        one.calls = one.reader.map(ToolCallReader::calls).orElse(List.of());
        String rest = one.reader.map(ToolCallReader::rest).orElse("");
        one.text.append(rest);
        if (!rest.isEmpty()) {
            chunks.add(chunk(choice, object().put("content", rest), List.of(), null));
        }
        if (!one.calls.isEmpty()) {
            one.finishReason = "tool_calls";
            ObjectNode delta = object();
            delta.set("tool_calls", calls(one.calls, true));
            chunks.add(chunk(choice, delta, List.of(), null));
        }
        chunks.add(chunk(choice, object(), List.of(), one.finishReason));
        return chunks;
    }

    private static ArrayNode calls(List<ToolCall> calls, boolean numbered) {
        ArrayNode list = JsonNodeFactory.instance.arrayNode();
        for (int i = 0; i < calls.size(); i++) {
            ObjectNode call = list.addObject();
            if (numbered) {
                call.put("index", i);
            }
            call.put("id", "call_" + UUID.randomUUID().toString().replace("-", "")).put("type", "function")
                    .putObject("function").put("name", calls.get(i).name()).put("arguments", calls.get(i).arguments());
        }
        return list;
    }

    @Override
    public ObjectNode usage(List<Outcome> outcomes) {
        return envelope.withUsage(envelope.object(CHUNK, List.of()), outcomes, choices.size());
    }

    @Override
    public ObjectNode whole(List<Outcome> outcomes) {
        List<ObjectNode> all = IntStream.range(0, choices.size()).mapToObj(this::whole).toList();
        return envelope.withUsage(envelope.object("chat.completion", all), outcomes, choices.size());
    }

    private ObjectNode whole(int index) {
        Choice one = choices.get(index);
        ObjectNode json = object().put("index", index);
        ObjectNode message = json.putObject("message").put("role", ChatMessage.ASSISTANT);
        if (one.calls.isEmpty()) {
            message.put("content", one.text.toString());
        } else {
            message.put("content", one.text.isEmpty() ? null : one.text.toString());
            message.set("tool_calls", calls(one.calls, false));
        }
        message.putNull("refusal");
        if (withProbabilities) {
            json.set("logprobs", probabilities(one.probabilities));
        } else {
            json.putNull("logprobs");
        }
        return json.put("finish_reason", one.finishReason);
    }

    private ObjectNode probabilities(List<TokenProbability> probabilities) {
        ObjectNode json = object();
        ArrayNode content = json.putArray("content");
        for (TokenProbability token : probabilities) {
            ObjectNode one = probability(token);
            ArrayNode likely = one.putArray("top_logprobs");
            token.alternatives().forEach(other -> likely.add(probability(other)));
            content.add(one);
        }
        json.putNull("refusal");
        return json;
    }

    private ObjectNode probability(TokenProbability token) {
        TokenName name = TokenName.of(model, token.id());
        ObjectNode json = object().put("token", name.text()).put("logprob", token.logarithm());
        if (name.isWhole()) {
            ArrayNode bytes = json.putArray("bytes");
            name.bytes().forEach(bytes::add);
        } else {
            json.putNull("bytes");
        }
        return json;
    }
}
