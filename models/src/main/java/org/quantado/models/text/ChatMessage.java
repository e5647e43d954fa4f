package org.quantado.models.text;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A message of a conversation.
 *
 * @param fields as a template sees them, {@code role} and {@code content} among them: values as JSON has them
 */
public record ChatMessage(Map<String, ?> fields) {
    /** Who says it: a role that templates know. */
    public static final String SYSTEM = "system";
    /** The role of the one who asks. */
    public static final String USER = "user";
    /** The role of the model. */
    public static final String ASSISTANT = "assistant";

    /** A message of text. */
    public static ChatMessage of(String role, String content) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("role", role);
        fields.put("content", content);
        return new ChatMessage(fields);
    }

    /** What the system prompt says. */
    public static ChatMessage system(String content) {
        return of(SYSTEM, content);
    }

    /** What the user says. */
    public static ChatMessage user(String content) {
        return of(USER, content);
    }

    /** What the model says. */
    public static ChatMessage assistant(String content) {
        return of(ASSISTANT, content);
    }
}
