package org.quantado.server.model;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ToolCallReaderTest {
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '\0', textBlock = """
            TAGS | plain text < here | plain text < here | 0
            TAGS | I look.<tool_call>{"name": "f", "arguments": {"a": 1}}</tool_call> | I look. | 1
            TAGS | <tool_call>{"name": "f", "arguments": {}}</tool_call><tool_call>{"name": "g", "arguments": {}}</tool_call> | | 2
            TAGS | x<tool_call>{"name": "f"} | x<tool_call>{"name": "f"} | 0
            OBJECT | {"name": "f", "parameters": {"a": 1}} | | 1
            OBJECT | {"name": "f"} | {"name": "f"} | 0
            OBJECT | The answer is {1} | The answer is {1} | 0
            """)
    void tellsCallsFromTextHoweverItComes(ToolFormat format, String answer, String text, int calls) {
        for (int size = 1; size <= answer.length(); size++) {
            ToolCallReader reader = new ToolCallReader(format);
            StringBuilder said = new StringBuilder();
            for (int i = 0; i < answer.length(); i += size) {
                said.append(reader.add(answer.substring(i, Math.min(answer.length(), i + size))));
            }
            assertThat(reader.calls()).hasSize(calls);
            assertThat(said + reader.rest()).isEqualTo(text == null ? "" : text);
        }
    }
}
