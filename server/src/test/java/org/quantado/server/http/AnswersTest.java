package org.quantado.server.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpResponse;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;

class AnswersTest {
    private static final String CHATS = "/v1/chat/completions";
    private static final String COMPLETIONS = "/v1/completions";
    private static final String HELLO = "{\"model\": \"tales-2m\", \"messages\": [{\"role\": \"user\", \"content\": \"Tell a story about a fox.\"}], \"max_tokens\": 24";
    private static final String ONCE = "{\"model\": \"tales-2m\", \"prompt\": \"Once upon a time, there was\", \"max_tokens\": 12";

    private static String text(JsonNode answer) {
        return answer.at("/choices/0/message/content").textValue();
    }

    @Test
    void streamedAnswersAreThoseThatComeWhole() throws Exception {
        JsonNode whole = Served.answer(CHATS, HELLO + "}");
        List<JsonNode> events = Served.events(CHATS,
                HELLO + ", \"stream\": true, \"stream_options\": {\"include_usage\": true}}");

        assertThat(events.getFirst().at("/choices/0/delta/role").textValue()).isEqualTo("assistant");
        assertThat(events.stream().map(event -> event.at("/choices/0/delta/content").asText())
                .collect(Collectors.joining())).isEqualTo(text(whole)).isNotEmpty();
        assertThat(events.get(events.size() - 2).at("/choices/0/finish_reason"))
                .isEqualTo(whole.at("/choices/0/finish_reason"));
        assertThat(events.getLast().at("/usage/completion_tokens")).isEqualTo(whole.at("/usage/completion_tokens"));
        assertThat(events.getLast().at("/choices")).isEmpty();
    }

    @Test
    void stopStringsEndAnAnswer() throws Exception {
        String all = text(Served.answer(CHATS, HELLO + "}"));
        String stop = all.substring(all.length() / 2, all.length() / 2 + 3);
        JsonNode cut = Served.answer(CHATS, HELLO + ", \"stop\": [" + quoted(stop) + "]}");

        assertThat(text(cut)).isEqualTo(all.substring(0, all.indexOf(stop)));
        assertThat(cut.at("/choices/0/finish_reason").textValue()).isEqualTo("stop");
    }

    private static String quoted(String text) {
        return JsonNodeFactory.instance.textNode(text).toString();
    }

    @Test
    void sameSeedSameAnswerAndChoicesDiffer() throws Exception {
        String drawn = ONCE + ", \"temperature\": 1.5, \"seed\": 7, \"n\": 2}";
        JsonNode one = Served.answer(COMPLETIONS, drawn);
        JsonNode again = Served.answer(COMPLETIONS, drawn);

        assertThat(one.at("/choices")).hasSize(2).isEqualTo(again.at("/choices"));
        assertThat(one.at("/choices/0/text")).isNotEqualTo(one.at("/choices/1/text"));
        assertThat(one.at("/usage/completion_tokens").intValue()).isEqualTo(24);
    }

    @Test
    void severalPromptsAndIds() throws Exception {
        JsonNode alone = Served.answer(COMPLETIONS, ONCE + "}");
        JsonNode ids = Served.answer("/tokenize", "{\"prompt\": \"Once upon a time, there was\"}");
        JsonNode ofIds = Served.answer(COMPLETIONS,
                "{\"model\": \"tales-2m\", \"prompt\": " + ids.get("tokens") + ", \"max_tokens\": 12}");
        JsonNode several = Served.answer(COMPLETIONS,
                "{\"model\": \"tales-2m\", \"prompt\": [\"The cat\", \"Once upon a time, there was\"], \"max_tokens\": 12}");

        assertThat(ofIds.at("/choices/0/text")).isEqualTo(alone.at("/choices/0/text"));
        assertThat(several.at("/choices/1/text")).isEqualTo(alone.at("/choices/0/text"));
        assertThat(ids.get("count").intValue()).isEqualTo(ids.get("tokens").size());
    }

    @Test
    void probabilitiesOfTokens() throws Exception {
        JsonNode answer = Served.answer(CHATS, HELLO + ", \"logprobs\": true, \"top_logprobs\": 3}");
        JsonNode content = answer.at("/choices/0/logprobs/content");
        String tokens = StreamSupport.stream(content.spliterator(), false).map(token -> token.get("token").textValue())
                .collect(Collectors.joining());

        assertThat(tokens.strip()).isEqualTo(text(answer).strip());
        for (JsonNode token : content) {
            assertThat(token.get("top_logprobs")).hasSize(3);
            assertThat(token.get("logprob").doubleValue()).as("greedy: the most likely")
                    .isEqualTo(token.at("/top_logprobs/0/logprob").doubleValue()).isNegative();
        }
        JsonNode all = Served.answer(COMPLETIONS, ONCE.replace("12", "1") + ", \"logprobs\": 5}");
        assertThat(all.at("/choices/0/logprobs/top_logprobs/0").properties().stream()
                .mapToDouble(entry -> Math.exp(entry.getValue().doubleValue())).sum()).isBetween(0.01, 1 + 1e-9);
        assertThat(all.at("/choices/0/logprobs/text_offset/0").intValue()).isZero();
    }

    @Test
    void biasForcesAndForbids() throws Exception {
        int id = Served.answer("/tokenize", "{\"prompt\": \"x\"}").at("/tokens/0").intValue();
        JsonNode forced = Served.answer(COMPLETIONS, ONCE + ", \"logit_bias\": {\"" + id + "\": 100}}");

        assertThat(forced.at("/choices/0/text").textValue()).isEqualTo("x".repeat(12));
        assertThat(text(Served.answer(CHATS, HELLO + ", \"logit_bias\": {\"" + id + "\": -100}}"))).doesNotContain("x");
    }

    @Test
    void answersAreJsonObjectsWhereAskedFor() throws Exception {
        for (int seed = 0; seed < 4; seed++) {
            JsonNode answer = Served.answer(CHATS,
                    HELLO.replace("24", "200") + ", \"temperature\": 1.2, \"seed\": " + seed
                            + ", \"response_format\": {\"type\": \"json_object\"}}");
            if (answer.at("/choices/0/finish_reason").textValue().equals("stop")) {
                assertThat(Served.json(text(answer)).isObject()).isTrue();
            } else {
                assertThat(text(answer)).startsWith("{");
            }
        }
    }

    @Test
    void prefixesAreReadOnce() throws Exception {
        String long1 = ONCE.replace("there was", "there was a little fox who lived in a forest and had many friends");
        Served.answer(COMPLETIONS, long1 + "}");
        JsonNode again = Served.answer(COMPLETIONS, long1 + "}");

        int prompt = again.at("/usage/prompt_tokens").intValue();
        assertThat(again.at("/usage/prompt_tokens_details/cached_tokens").intValue()).isEqualTo(prompt - 1);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            "frequency_penalty": 0.5 | frequency_penalty
            "user": "me" | user
            "tools": [{"type": "function", "function": {"name": "f"}}] | tools
            "tool_choice": "required" | tool_choice
            "response_format": {"type": "json_schema", "json_schema": {}} | response_format
            "temperature": 3 | temperature
            "temperature": "hot" | temperature
            "top_p": 0 | top_p
            "n": 5 | n
            "n": 0 | n
            "max_completion_tokens": 3 | max_tokens
            "max_tokens": 100000 | messages
            "stop": "" | stop
            "stop": ["a", "b", "c", "d", "e"] | stop
            "stream_options": {"include_usage": true} | stream_options
            "logit_bias": {"512": 1} | logit_bias
            "logit_bias": {"1": 101} | logit_bias.1
            "top_logprobs": 2 | top_logprobs
            "seed": 1.5 | seed
            "audio": {} | audio
            "nonsense": 1 | nonsense
            "messages": [] | messages
            "messages": [{"role": "robot", "content": ""}] | messages[0].role
            "messages": [{"role": "user", "content": "\\ud800"}] | messages[0].content
            "messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {}}]}] | messages[0].content[].type
            """)
    void otherFieldsAndValuesAreRefusedByName(String field, String name) throws Exception {
        String body = field.contains("\"messages\"")
                ? "{\"model\": \"tales-2m\", " + field + "}"
                : field.contains("\"max_tokens\"")
                        ? HELLO.replace(", \"max_tokens\": 24", "") + ", " + field + "}"
                        : HELLO + ", " + field + "}";
        JsonNode error = Served.error(Served.post(CHATS, body), 400);

        assertThat(error.path("param").textValue()).isEqualTo(name);
        assertThat(error.path("message").textValue()).contains(name);
    }

    @Test
    void modelsByName() throws Exception {
        assertThat(Served.json(Served.get("/v1/models").body()).at("/data/0/id").textValue()).isEqualTo("tales-2m");
        assertThat(Served.get("/v1/models/tales-2m").statusCode()).isEqualTo(200);
        Served.error(Served.get("/v1/models/gpt-4"), 404);
        HttpResponse<String> other = Served.post(CHATS, HELLO.replace("tales-2m", "gpt-4") + "}");
        assertThat(Served.error(other, 404).path("code").textValue()).isEqualTo("model_not_found");
    }

    @Test
    void figuresForPrometheus() throws Exception {
        Served.answer(COMPLETIONS, ONCE + "}");
        String metrics = Served.get("/metrics").body();

        for (String name : List.of("quantado_requests_total{path=\"/v1/completions\",status=\"200\"}",
                "quantado_queue_requests 0.0", "quantado_answer_tokens_total", "quantado_first_token_seconds_bucket",
                "quantado_answer_tokens_per_second_count", "quantado_cache_tokens", "quantado_slots 4.0")) {
            assertThat(metrics).contains(name);
        }
        assertThat(Served.get("/health").body()).isEqualTo("{\"status\":\"ok\"}");
    }
}
