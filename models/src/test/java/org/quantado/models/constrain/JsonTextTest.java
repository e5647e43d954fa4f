package org.quantado.models.constrain;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;

import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class JsonTextTest {
    private static final JsonMapper MAPPER = JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    @Provide
    Arbitrary<String> pieces() {
        return Arbitraries
                .of("{", "}", "[", "]", "\"a\"", ":", ",", "1", "0", "-", ".5", "e+3", "true", "null", "\"\\u00e9\"",
                        "\"\\", " ", "x")
                .list().ofMaxSize(12).map(list -> "{\"k\":" + String.join("", list) + "}");
    }

    @Property(tries = 2000)
    void completeExactlyWhereAParserAgrees(@ForAll("pieces") String text) {
        JsonText json = new JsonText();
        assertThat(json.add(text) && json.isComplete()).as(text).isEqualTo(isObject(text));
    }

    private static boolean isObject(String text) {
        try {
            JsonNode json = MAPPER.readTree(text);
            return json.isObject();
        } catch (JsonProcessingException e) {
            return false;
        }
    }

    @Example
    void endlessSpaceAndDepthAreNoWayOn() {
        assertThat(new JsonText().add("{" + " ".repeat(JsonText.MAX_SPACE))).isTrue();
        assertThat(new JsonText().add("{" + " ".repeat(JsonText.MAX_SPACE + 1))).isFalse();
        assertThat(new JsonText().add("{\"a\":" + "[".repeat(JsonText.MAX_DEPTH))).isFalse();
        assertThat(new JsonText().add(" {")).isFalse();
    }
}
