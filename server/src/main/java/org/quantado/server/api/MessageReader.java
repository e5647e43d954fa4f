package org.quantado.server.api;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

import org.quantado.models.text.ChatMessage;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** Reads the messages of a conversation, for a chat template. */
final class MessageReader {
    private static final String MESSAGES = "messages";
    private static final String CONTENT = "content";
    private static final String TOOL_CALLS = "tool_calls";
    private static final String TOOL = "tool";
    /** What system is called in newer versions of OpenAI's API. */
    private static final String DEVELOPER = "developer";
    private static final Set<String> ROLES = Set.of(ChatMessage.SYSTEM, DEVELOPER, ChatMessage.USER,
            ChatMessage.ASSISTANT,
            TOOL);
    private static final int MOST_MESSAGES = 1024;
    private static final int MOST_PARTS = 1024;
    private static final int MOST_CALLS = 128;

    private MessageReader() {
    }

    static List<ChatMessage> messages(Fields fields) {
        List<JsonNode> nodes = fields.list(MESSAGES, MOST_MESSAGES);
        if (nodes.isEmpty()) {
            throw ApiException.invalid(MESSAGES, "expected one at least");
        }
        List<ChatMessage> messages = new ArrayList<>();
        for (int i = 0; i < nodes.size(); i++) {
            messages.add(message(Fields.of(nodes.get(i), MESSAGES + "[" + i + "]")));
        }
        return messages;
    }

    private static ChatMessage message(Fields fields) {
        String role = fields.requiredText("role");
        if (!ROLES.contains(role)) {
            throw ApiException.invalid(fields.name("role"),
                    "expected one of " + String.join(", ", ROLES.stream().sorted()
                            .toList()));
        }
        Map<String, Object> message = new LinkedHashMap<>();
        message.put("role", role.equals(DEVELOPER) ? ChatMessage.SYSTEM : role);
        List<JsonNode> calls = role.equals(ChatMessage.ASSISTANT) ? fields.list(TOOL_CALLS, MOST_CALLS) : List.of();
        Optional<String> content = content(fields);
        if (content.isEmpty() && calls.isEmpty()) {
            throw fields.missing(CONTENT);
        }
        message.put(CONTENT, content.orElse(""));
        if (!calls.isEmpty()) {
            List<Map<String, Object>> all = new ArrayList<>();
            for (int i = 0; i < calls.size(); i++) {
                all.add(call(Fields.of(calls.get(i), fields.name(TOOL_CALLS + "[" + i + "]"))));
            }
            message.put(TOOL_CALLS, all);
        }
        if (role.equals(TOOL)) {
            message.put("tool_call_id", fields.requiredText("tool_call_id"));
        }
        fields.text("name").ifPresent(name -> message.put("name", name));
        fields.refuseOthers();
        return new ChatMessage(message);
    }

    /** A text, or one in parts. */
    private static Optional<String> content(Fields fields) {
        Optional<JsonNode> node = fields.node(CONTENT);
        if (node.isEmpty() || !node.get().isArray()) {
            return fields.text(CONTENT);
        }
        List<JsonNode> parts = fields.list(CONTENT, MOST_PARTS);
        return Optional.of(parts.stream().map(part -> {
            Fields within = Fields.of(part, fields.name(CONTENT + "[]"));
            String type = within.requiredText("type");
            if (!type.equals("text")) {
                throw ApiException.unsupported(within.name("type"), "this server knows only parts of type text");
            }
            String text = within.requiredText("text");
            within.refuseOthers();
            return text;
        }).collect(Collectors.joining()));
    }

    /** A call as templates know it: its arguments are an object there. */
    private static Map<String, Object> call(Fields fields) {
        JsonNode function = fields.node("function").orElseThrow(() -> fields.missing("function"));
        Fields within = Fields.of(function, fields.name("function"));
        ObjectNode arguments = JsonBody.object(within.name("arguments"), within.requiredText("arguments"));
        Map<String, Object> call = new LinkedHashMap<>();
        call.put("id", fields.requiredText("id"));
        call.put("type", fields.requiredText("type"));
        call.put("function", Map.of("name", within.requiredText("name"), "arguments", JsonBody.map(arguments)));
        within.refuseOthers();
        fields.refuseOthers();
        return call;
    }
}
