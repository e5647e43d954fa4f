package org.quantado.models.jinja;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.io.IOException;
import java.io.InputStream;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

/** Templates, and what Python's Jinja 3.1.6 with transformers' settings rendered for them. */
class TemplateTest {
    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final Clock CLOCK = Clock.fixed(Instant.parse("2024-07-26T09:05:03Z"), ZoneOffset.UTC);

    @TestFactory
    Stream<DynamicTest> rendersAsPythonDoes() throws IOException {
        JsonNode file;
        try (InputStream cases = TemplateTest.class.getResourceAsStream("cases.json")) {
            file = MAPPER.readTree(cases);
        }
        Map<String, Object> variables = MAPPER.convertValue(file.get("variables"), new TypeReference<>() {
        });
        return StreamSupport.stream(file.get("cases").spliterator(), false)
                .map(test -> dynamicTest(test.get("template").asText(), () -> check(test, variables)));
    }

    private static void check(JsonNode test, Map<String, Object> variables) {
        String template = test.get("template").asText();
        if (test.has("text")) {
            assertThat(render(template, variables)).isEqualTo(test.get("text").asText());
        } else {
            assertThatThrownBy(() -> render(template, variables)).isInstanceOf(TemplateException.class)
                    .hasMessageContaining(test.path("names").asText());
        }
    }

    @Test
    void errorsNameTheirLine() {
        assertThatThrownBy(() -> render("a\n{{ 1 }}\n{% if true %}\n{{ x.y }}{% endif %}", Map.of()))
                .hasMessage("line 4: 'x' is undefined");
        assertThatThrownBy(() -> render("a\n\n{{ 'x' | shout }}", Map.of()))
                .hasMessage("line 3: the filter shout is not known");
        assertThatThrownBy(() -> render("{% if true %}\nx", Map.of()))
                .hasMessage("line 2: found the end of the template, expected the tag elif or else or endif");
    }

    @Test
    void variablesDoNotSurviveTheRendering() {
        Template template = Template.parse("{{ a is defined }}{% set a = 1 %}");
        assertThat(template.render(Map.of(), CLOCK)).isEqualTo("False");
        assertThat(template.render(Map.of(), CLOCK)).isEqualTo("False");
    }

    @Test
    void noneIsAVariable() {
        Map<String, Object> variables = new HashMap<>();
        variables.put("tools", null);
        assertThat(render("{{ tools is defined }}{{ tools is none }}{{ tools }}", variables)).isEqualTo("TrueTrueNone");
    }

    @Test
    void variablesAreOfJson() {
        assertThatThrownBy(() -> render("", Map.of("x", new Object()))).isInstanceOf(TemplateException.class)
                .hasMessageContaining("java.lang.Object");
    }

    private static String render(String template, Map<String, ?> variables) {
        return Template.parse(template).render(variables, CLOCK);
    }
}
