package org.quantado.models.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.quantado.schemes.checkpoint.CheckpointException;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

class ChatTemplateTest {
    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final Clock CLOCK = Clock.fixed(Instant.parse("2024-07-26T09:05:03Z"), ZoneOffset.UTC);
    private static final String CONFIG = "{\"bos_token\": \"<s>\", \"eos_token\": {\"content\": \"</s>\"}}";
    private static final Path TEMPLATES = Path.of("src/test/resources/org/quantado/models/text/templates");

    @TempDir
    private Path folder;

    /** Templates in the manner of known models, and what Python's Jinja 3.1.6 with transformers' settings rendered. */
    @TestFactory
    Stream<DynamicTest> conversationsLookAsThePeersHaveThem() throws IOException {
        JsonNode cases = MAPPER.readTree(TEMPLATES.resolve("cases.json").toFile());
        return StreamSupport.stream(cases.spliterator(), false).map(test -> dynamicTest(
                test.get("template").asText() + ": " + test.get("case").asText(), () -> check(test)));
    }

    private void check(JsonNode test) throws IOException {
        ChatTemplate template = template(Files.readString(TEMPLATES.resolve(test.get("template").asText())));
        List<Map<String, Object>> messages = MAPPER.convertValue(test.get("messages"), new TypeReference<>() {
        });
        Map<String, Object> variables = new LinkedHashMap<>(Map.of("add_generation_prompt", true));
        variables.putAll(MAPPER.convertValue(test.get("variables"), new TypeReference<Map<String, Object>>() {
        }));
        List<ChatMessage> conversation = messages.stream().map(ChatMessage::new).toList();
        if (test.has("text")) {
            assertThat(template.render(conversation, variables)).isEqualTo(test.get("text").asText());
        } else {
            assertThatThrownBy(() -> template.render(conversation, variables)).isInstanceOf(CheckpointException.class);
        }
    }

    private ChatTemplate template(String source) throws IOException {
        Files.writeString(folder.resolve("chat_template.jinja"), source);
        Files.writeString(folder.resolve("tokenizer_config.json"), CONFIG);
        return ChatTemplate.find(folder, CLOCK).orElseThrow();
    }

    @ParameterizedTest
    @ValueSource(strings = {"{{ messages }}", "{{ bos_token }}", "{% for m in messages %}x{% endfor %}", "{% raw %}",
            "{# hidden #}", "{{ raise_exception('no') }}", "{% set add_generation_prompt = false %}", "{%", "}}",
            "{{ '{{' }}", "%}{{ 1 + 1 }}{%"})
    void aMessageNeverBecomesATemplate(String text) throws IOException {
        ChatTemplate template = template("{{ bos_token }}{% for m in messages %}[{{ m.role }}|{{ m.content }}|"
                + "{{ m['name'] }}|{% for part in m.parts %}{{ part.text | trim }}{% endfor %}|"
                + "{{ m.calls | default({}) | tojson }}]{% endfor %}");
        ChatMessage message = new ChatMessage(Map.of("role", text, "content", text, "name", text, "parts",
                List.of(Map.of("text", text)), "calls", Map.of(text, List.of(text))));
        String json = MAPPER.writeValueAsString(text);
        assertThat(template.prompt(List.of(message, ChatMessage.system(text), ChatMessage.user(text))))
                .isEqualTo("<s>[" + String.join("|", text, text, text, text, "{" + json + ": [" + json + "]}") + "]"
                        + template.prompt(List.of(ChatMessage.system(text))).substring("<s>".length())
                        + template.prompt(List.of(ChatMessage.user(text))).substring("<s>".length()))
                .contains("[system|" + text + "|||{}]", "[user|" + text + "|||{}]");
    }

    @Test
    void specialTokensCannotBeReplacedByAMessageButByTheCaller() throws IOException {
        ChatTemplate template = template("{{ bos_token }}{{ eos_token }}{{ tools is none }}{{ greeting }}");
        assertThat(template.render(List.of(), Map.of("greeting", "{{ x }}"))).isEqualTo("<s></s>True{{ x }}");
    }

    @Test
    void templatesOfTheConfigMayHaveNames() throws IOException {
        write("{\"chat_template\": [{\"name\": \"default\", \"template\": \"D\"}, {\"name\": \"rag\", \"template\": \"R\"}]}");
        assertThat(ChatTemplate.find(folder).orElseThrow().prompt(List.of())).isEqualTo("D");
        write("{\"chat_template\": \"{{ messages | length }}\"}");
        assertThat(ChatTemplate.find(folder).orElseThrow().prompt(List.of())).isEqualTo("0");
        write("{\"chat_template\": [{\"name\": \"rag\", \"template\": \"R\"}]}");
        assertThatThrownBy(() -> ChatTemplate.find(folder)).hasMessageContainingAll("tokenizer_config.json", "rag",
                "default");
        write("{\"chat_template\": 5}");
        assertThatThrownBy(() -> ChatTemplate.find(folder)).hasMessageContaining("chat_template");
        write("{}");
        assertThat(ChatTemplate.find(folder)).isEmpty();
    }

    private void write(String config) throws IOException {
        Files.writeString(folder.resolve("tokenizer_config.json"), config);
    }

    @Test
    void errorsNameTheFileAndTheLine() {
        assertThatThrownBy(() -> template("\n{% shout %}")).isInstanceOf(CheckpointException.class)
                .hasMessageContainingAll("chat_template.jinja", "line 2", "the tag shout is not known");
        assertThatThrownBy(() -> template("{{ raise_exception('only\\nusers') }}").prompt(List.of()))
                .isInstanceOf(CheckpointException.class).hasMessageContainingAll("chat_template.jinja", "only", "users")
                .message().hasLineCount(1);
    }

    @Test
    void theDemoTalks() {
        ChatTemplate template = ChatTemplate.find(TestModels.tales()).orElseThrow();
        assertThat(template.prompt(List.of(ChatMessage.user(" Who? "), ChatMessage.assistant("Me."),
                ChatMessage.user("Why?"))))
                .isEqualTo("<|user|>Who?<|end|><|assistant|>Me.<|end|><|user|>Why?<|end|><|assistant|>");
    }
}
