package org.quantado.server.api;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import org.quantado.models.text.ChatTemplate;
import org.quantado.server.model.ToolFormat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;

/**
 * The tools that a model may call.
 *
 * @param tools as a chat template sees them
 * @param format how the model writes calls; empty if it may call none
 */
record ToolFields(List<Map<String, Object>> tools, Optional<ToolFormat> format) {
    private static final String TOOLS = "tools";
    private static final String CHOICE = "tool_choice";
    private static final int MOST_TOOLS = 128;

    static ToolFields read(Fields fields, ChatTemplate template) {
        List<JsonNode> nodes = fields.list(TOOLS, MOST_TOOLS);
        Optional<JsonNode> choice = fields.node(CHOICE);
        fields.only("parallel_tool_calls", JsonNodeFactory.instance.booleanNode(true));
        String chosen = choice.map(JsonNode::asText).orElse("auto");
        if (!chosen.equals("auto") && !chosen.equals("none")) {
            throw ApiException.unsupported(CHOICE, "found " + Fields.shown(choice.orElseThrow())
                    + ", of which this server knows only auto and none");
        }
        List<Map<String, Object>> tools = new ArrayList<>();
        for (int i = 0; i < nodes.size(); i++) {
            tools.add(tool(Fields.of(nodes.get(i), TOOLS + "[" + i + "]")));
        }
        if (tools.isEmpty() || chosen.equals("none")) {
            return new ToolFields(List.of(), Optional.empty());
        }
        return new ToolFields(tools,
                Optional.of(ToolFormat.of(template).orElseThrow(() -> ApiException.unsupported(TOOLS,
                        "the model's chat template has none, or writes calls in a way that is not known here"))));
    }

    private static Map<String, Object> tool(Fields fields) {
        if (!fields.requiredText("type").equals("function")) {
            throw ApiException.unsupported(fields.name("type"), "this server knows only functions");
        }
        JsonNode function = fields.node("function").orElseThrow(() -> fields.missing("function"));
        fields.refuseOthers();
        Fields within = Fields.of(function, fields.name("function"));
        within.requiredText("name");
        within.text("description");
        within.node("parameters").ifPresent(parameters -> Fields.of(parameters, within.name("parameters")));
        within.only("strict", JsonNodeFactory.instance.booleanNode(false));
        within.refuseOthers();
        return Map.of("type", "function", "function", JsonBody.map(function));
    }
}
