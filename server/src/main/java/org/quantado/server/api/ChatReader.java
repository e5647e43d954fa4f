package org.quantado.server.api;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

import org.quantado.models.text.ChatMessage;
import org.quantado.models.text.ChatTemplate;
import org.quantado.schemes.checkpoint.CheckpointException;
import org.quantado.server.model.ServedModel;
import org.quantado.server.model.ToolFormat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** Reads the body of a request to answer a conversation. */
public final class ChatReader {
    private static final String MESSAGES = "messages";
    private static final String RESPONSE_FORMAT = "response_format";
    private static final String LOGPROBS = "logprobs";
    private static final String TOP_LOGPROBS = "top_logprobs";
    private static final int MOST_ALTERNATIVES = 20;

    private final ServedModel model;

    public ChatReader(ServedModel model) {
        this.model = model;
    }

    /** @throws ApiException if a field is wrong, or not honoured */
    public Prepared read(ObjectNode body) {
        Fields fields = Fields.of(body);
        AnswerFields common = AnswerFields.read(fields, model);
        ChatTemplate template = model.template().orElseThrow(
                () -> ApiException.unsupported(MESSAGES, "the model has no chat template; ask /v1/completions"));
        List<ChatMessage> messages = MessageReader.messages(fields);
        OptionalInt alternatives = alternatives(fields);
        boolean json = json(fields);
        ToolFields tools = ToolFields.read(fields, template);
        OptionalInt most = AnswerFields.mostTokens(fields, "max_completion_tokens", "max_tokens");
        fields.refuseOthers();
        if (json && tools.format().isPresent()) {
            throw ApiException.unsupported(RESPONSE_FORMAT, "json_object with tools");
        }
        int[] prompt = prompt(template, messages, tools.tools());
        return new Prepared(new AnswerRequests(model, common, most, alternatives, json).of(MESSAGES, prompt),
                common.stream(), common.usage(),
                new ChatFormat(model, common.choices(), alternatives.isPresent(), tools.format()));
    }

    private int[] prompt(ChatTemplate template, List<ChatMessage> messages, List<Map<String, Object>> tools) {
        Map<String, Object> variables = new HashMap<>();
        variables.put("add_generation_prompt", true);
        if (!tools.isEmpty()) {
            variables.put("tools", tools);
        }
        try {
            return model.tokenizer().encode(template.render(messages, variables));
        } catch (CheckpointException e) {
            throw ApiException.invalid(MESSAGES, "the model's chat template does not take them"
                    + (e.getCause() == null ? "" : ": " + e.getCause().getMessage()));
        }
    }

    private static OptionalInt alternatives(Fields fields) {
        boolean wanted = fields.bool(LOGPROBS).orElse(false);
        OptionalInt most = fields.integer(TOP_LOGPROBS, 0, MOST_ALTERNATIVES);
        if (most.isPresent() && !wanted) {
            throw ApiException.invalid(TOP_LOGPROBS, "only with " + LOGPROBS);
        }
        return wanted ? OptionalInt.of(most.orElse(0)) : OptionalInt.empty();
    }

    private static boolean json(Fields fields) {
        Optional<JsonNode> node = fields.node(RESPONSE_FORMAT);
        if (node.isEmpty()) {
            return false;
        }
        Fields within = Fields.of(node.get(), RESPONSE_FORMAT);
        String type = within.requiredText("type");
        if (!type.equals("text") && !type.equals("json_object")) {
            throw ApiException.unsupported(RESPONSE_FORMAT, "found " + Fields.shown(node.get())
                    + ", expected the type text or json_object");
        }
        within.refuseOthers();
        return type.equals("json_object");
    }
}
