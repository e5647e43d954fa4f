package org.quantado.models.text;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.ZoneId;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import org.quantado.models.jinja.Template;
import org.quantado.models.jinja.TemplateException;
import org.quantado.schemes.checkpoint.CheckpointException;

/**
 * How a model is told a conversation: Jinja in {@code chat_template.jinja} or {@code tokenizer_config.json}, rendered
 * as transformers does. What messages say is never read as a template.
 */
public final class ChatTemplate {
    private static final String FILE = "chat_template.jinja";

    private final String where;
    private final String source;
    private final Template template;
    private final Map<String, Object> specialTokens;
    private final Clock clock;

    private ChatTemplate(String where, String source, Map<String, Object> specialTokens, Clock clock) {
        this.where = where;
        this.source = source;
        this.template = Template.parse(source);
        this.specialTokens = specialTokens;
        this.clock = clock;
    }

    /**
     * The template of a model's folder, if it has one.
     *
     * @throws CheckpointException if it is not written as Jinja asks for, or uses what is not known here
     */
    public static Optional<ChatTemplate> find(Path folder) {
        return find(folder, Clock.system(ZoneId.systemDefault()));
    }

    /** The same, where {@code strftime_now} reads another clock. */
    static Optional<ChatTemplate> find(Path folder, Clock clock) {
        TokenizerConfig config = TokenizerConfig.read(folder);
        Path file = folder.resolve(FILE);
        if (Files.exists(file)) {
            return Optional.of(of(file.toString(), read(file), config, clock));
        }
        String where = config.file() + ": chat_template";
        if (!config.templates().isEmpty() && !config.templates().containsKey(TokenizerConfig.DEFAULT_TEMPLATE)) {
            throw new CheckpointException(where, "templates named " + String.join(", ", config.templates().keySet()),
                    "one named " + TokenizerConfig.DEFAULT_TEMPLATE);
        }
        return Optional.ofNullable(config.templates().get(TokenizerConfig.DEFAULT_TEMPLATE))
                .map(source -> of(where, source, config, clock));
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new CheckpointException(file.toString(), "bytes that cannot be read as UTF-8", "a template")
                    .causedBy(e);
        }
    }

    private static ChatTemplate of(String where, String source, TokenizerConfig config, Clock clock) {
        try {
            return new ChatTemplate(where, source, config.specialTokens(), clock);
        } catch (TemplateException e) {
            throw new CheckpointException(where, e.getMessage(), "a template that this program knows").causedBy(e);
        }
    }

    /** What it is written as. */
    public String source() {
        return source;
    }

    /**
     * The text of a conversation, at whose end the model answers.
     *
     * @throws CheckpointException if the template fails, or refuses the conversation
     */
    public String prompt(List<ChatMessage> messages) {
        return render(messages, Map.of("add_generation_prompt", true));
    }

    /**
     * The text of a conversation.
     *
     * @param variables further ones that the template may ask for, such as {@code tools} or {@code enable_thinking}
     * @throws CheckpointException if the template fails, or refuses the conversation
     */
    public String render(List<ChatMessage> messages, Map<String, ?> variables) {
        Map<String, Object> all = new LinkedHashMap<>(specialTokens);
        all.put("tools", null);
        all.put("documents", null);
        all.put("add_generation_prompt", false);
        all.putAll(variables);
        all.put("messages", messages.stream().map(ChatMessage::fields).toList());
        try {
            return template.render(all, clock);
        } catch (TemplateException e) {
            throw new CheckpointException(where, e.getMessage(), "a conversation that the template takes").causedBy(e);
        }
    }
}
