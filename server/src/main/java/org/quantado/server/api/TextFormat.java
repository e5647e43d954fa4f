package org.quantado.server.api;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import org.quantado.server.batch.Outcome;
import org.quantado.server.batch.TokenProbability;
import org.quantado.server.model.ServedModel;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** Answers that go on with a text. */
final class TextFormat implements AnswerFormat {
    private static final String KIND = "text_completion";

    private final Envelope envelope;
    private final ServedModel model;
    private final int choicesOfAPrompt;
    private final boolean withProbabilities;
    private final List<Choice> choices;

    /** What is known of one choice. */
    private static final class Choice {
        private final StringBuilder text = new StringBuilder();
        private final List<TokenProbability> probabilities = new ArrayList<>();
        /** Characters of the tokens whose probabilities were told. */
        private int offset;
        private String finishReason = "";
    }

    TextFormat(ServedModel model, int prompts, int choicesOfAPrompt, boolean withProbabilities) {
        this.envelope = new Envelope("cmpl-", model.id());
        this.model = model;
        this.choicesOfAPrompt = choicesOfAPrompt;
        this.withProbabilities = withProbabilities;
        this.choices = Stream.generate(Choice::new).limit((long) prompts * choicesOfAPrompt).toList();
    }

    private ObjectNode choice(int index, String text, List<TokenProbability> probabilities, String finishReason) {
        ObjectNode json = JsonNodeFactory.instance.objectNode().put("index", index).put("text", text);
        if (withProbabilities) {
            json.set("logprobs", probabilities(choices.get(index), probabilities));
        } else {
            json.putNull("logprobs");
        }
        return json.put("finish_reason", finishReason);
    }

    @Override
    public Optional<ObjectNode> begin(int choice) {
        return Optional.empty();
    }

    @Override
    public Optional<ObjectNode> piece(int choice, String text, List<TokenProbability> probabilities) {
        Choice one = choices.get(choice);
        one.text.append(text);
        one.probabilities.addAll(probabilities);
        return Optional.of(envelope.object(KIND, List.of(choice(choice, text, probabilities, null))));
    }

    @Override
    public List<ObjectNode> end(int choice, Outcome outcome) {
        Choice one = choices.get(choice);
        one.finishReason = Envelope.finishReason(outcome);
        return List.of(envelope.object(KIND, List.of(choice(choice, "", List.of(), one.finishReason))));
    }

    @Override
    public ObjectNode usage(List<Outcome> outcomes) {
        return envelope.withUsage(envelope.object(KIND, List.of()), outcomes, choicesOfAPrompt);
    }

    @Override
    public ObjectNode whole(List<Outcome> outcomes) {
        List<ObjectNode> all = IntStream.range(0, choices.size()).mapToObj(index -> {
            Choice one = choices.get(index);
            one.offset = 0;
            return choice(index, one.text.toString(), one.probabilities, one.finishReason);
        }).toList();
        return envelope.withUsage(envelope.object(KIND, all), outcomes, choicesOfAPrompt);
    }

    private ObjectNode probabilities(Choice choice, List<TokenProbability> probabilities) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        ArrayNode tokens = json.putArray("tokens");
        ArrayNode logarithms = json.putArray("token_logprobs");
        ArrayNode likely = json.putArray("top_logprobs");
        ArrayNode offsets = json.putArray("text_offset");
        for (TokenProbability token : probabilities) {
            String name = TokenName.of(model, token.id()).text();
            tokens.add(name);
            logarithms.add(token.logarithm());
            offsets.add(choice.offset);
            choice.offset += name.length();
            ObjectNode others = likely.addObject();
            token.alternatives().forEach(
                    other -> others.put(TokenName.of(model, other.id()).text(), other.logarithm()));
        }
        return json;
    }
}
