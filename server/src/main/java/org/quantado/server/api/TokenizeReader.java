package org.quantado.server.api;

import org.quantado.server.model.ServedModel;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** Tells the ids of a text. */
public final class TokenizeReader {
    private final ServedModel model;

    public TokenizeReader(ServedModel model) {
        this.model = model;
    }

    /** @throws ApiException if a field is wrong, or not honoured */
    public ObjectNode answer(ObjectNode body) {
        Fields fields = Fields.of(body);
        String prompt = fields.requiredText("prompt");
        boolean special = fields.bool("add_special_tokens").orElse(true);
        fields.text("model").filter(id -> !id.equals(model.id())).ifPresent(id -> {
            throw ApiException.noModel("another", model.id());
        });
        fields.refuseOthers();
        int[] ids = special ? model.tokenizer().encodeWithSpecialTokens(prompt) : model.tokenizer().encode(prompt);
        ObjectNode json = JsonNodeFactory.instance.objectNode().put("count", ids.length).put("max_model_len",
                model.context());
        ArrayNode tokens = json.putArray("tokens");
        for (int id : ids) {
            tokens.add(id);
        }
        return json;
    }
}
