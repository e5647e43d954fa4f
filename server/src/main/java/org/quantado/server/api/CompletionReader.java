package org.quantado.server.api;

import java.util.List;
import java.util.OptionalInt;
import java.util.stream.StreamSupport;

import org.quantado.server.batch.BatchRequest;
import org.quantado.server.model.ServedModel;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** Reads the body of a request to go on with texts. */
public final class CompletionReader {
    private static final String PROMPT = "prompt";
    private static final int MOST_ALTERNATIVES = 5;
    /** Of an answer, where nobody says so: as OpenAI's API has it. */
    private static final int USUAL_TOKENS = 16;

    private final ServedModel model;

    public CompletionReader(ServedModel model) {
        this.model = model;
    }

    /** @throws ApiException if a field is wrong, or not honoured */
    public Prepared read(ObjectNode body) {
        Fields fields = Fields.of(body);
        AnswerFields common = AnswerFields.read(fields, model);
        OptionalInt alternatives = fields.integer("logprobs", 0, MOST_ALTERNATIVES);
        fields.only("echo", JsonNodeFactory.instance.booleanNode(false));
        fields.only("best_of", JsonNodeFactory.instance.numberNode(common.choices()));
        OptionalInt most = AnswerFields.mostTokens(fields, "max_tokens");
        List<int[]> prompts = prompts(fields);
        fields.refuseOthers();
        if ((long) prompts.size() * common.choices() > model.sequences()) {
            throw ApiException.invalid(PROMPT, "found " + prompts.size() + " prompts with " + common.choices()
                    + " answers each, expected at most " + model.sequences() + " answers");
        }
        List<BatchRequest> answers = prompts.stream().flatMap(prompt -> new AnswerRequests(model, common,
                most.isPresent() ? most : usual(prompt.length), alternatives, false).of(PROMPT, prompt).stream())
                .toList();
        return new Prepared(answers, common.stream(), common.usage(),
                new TextFormat(model, prompts.size(), common.choices(), alternatives.isPresent()));
    }

    /** As many as there is room for, up to the usual number. */
    private OptionalInt usual(int prompt) {
        return OptionalInt.of(Math.clamp(model.context() - prompt, 1, USUAL_TOKENS));
    }

    /** A text, several of them, or ids. */
    private List<int[]> prompts(Fields fields) {
        JsonNode node = fields.node(PROMPT).orElseThrow(() -> fields.missing(PROMPT));
        if (node.isArray() && !node.isEmpty() && node.get(0).isNumber()) {
            return List.of(StreamSupport.stream(node.spliterator(), false).mapToInt(this::id).toArray());
        }
        return fields.texts(PROMPT).stream().map(model.tokenizer()::encodeWithSpecialTokens).toList();
    }

    private int id(JsonNode node) {
        if (!node.isInt() || node.intValue() < 0 || node.intValue() >= model.vocabulary()) {
            throw ApiException.invalid(PROMPT, "found " + Fields.shown(node) + ", expected ids from 0 to "
                    + (model.vocabulary() - 1));
        }
        return node.intValue();
    }
}
