package org.quantado.models.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Set;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.quantado.models.text.ChatMessage;
import org.quantado.models.text.ChatTemplate;
import org.quantado.models.text.TestModels;
import org.quantado.models.text.Tokenizer;

class ConversationTest {
    private static final Tokenizer TOKENIZER = Tokenizer.open(TestModels.tales());
    private static final ChatTemplate TEMPLATE = ChatTemplate.find(TestModels.tales()).orElseThrow();
    private static final int END = 3;
    private static final int NO = TOKENIZER.encode("a")[0];
    private static final GenerationRequest REQUEST = new GenerationRequest(Sampling.GREEDY, 9, Set.of(END), List.of());

    @AfterAll
    static void close() {
        TOKENIZER.close();
    }

    @Test
    void whatWasReadIsNotReadAgain() {
        int first = TOKENIZER.encode("<|user|>the<|end|><|assistant|>").length;
        ScriptedSequence sequence = new ScriptedSequence(512, 60, length -> length == first ? NO : END);
        Conversation conversation = new Conversation(sequence, TOKENIZER, TEMPLATE, List.of());
        assertThat(conversation.ask("the", REQUEST, piece -> {
        }).text()).isEqualTo("a");
        assertThat(sequence.length()).isEqualTo(first + 1);
        conversation.ask("hen", REQUEST, piece -> {
        });
        int second = TOKENIZER.encode("<|end|><|user|>hen<|end|><|assistant|>").length;
        assertThat(sequence.appended()).containsExactly(first, 1, second);
        assertThat(conversation.messages()).extracting(message -> (Object) message.fields().get("role"))
                .containsExactly("user", "assistant", "user", "assistant");
    }

    @Test
    void aConversationThatOutgrowsTheContextIsRefusedAndStaysAsItWas() {
        ScriptedSequence sequence = new ScriptedSequence(512, 12, length -> END);
        Conversation conversation = new Conversation(sequence, TOKENIZER, TEMPLATE,
                List.of(ChatMessage.system("ignored by this template")));
        conversation.ask("a", REQUEST, piece -> {
        });
        assertThatThrownBy(() -> conversation.ask("the hen and the cat and the dog", REQUEST, piece -> {
        })).isInstanceOf(GenerationException.class).hasMessageContaining("conversation: found ")
                .hasMessageContaining("expected at most 12, the context");
        assertThat(conversation.messages()).hasSize(3);
        assertThat(conversation.ask("a", REQUEST, piece -> {
        }).end()).isEqualTo(Answer.End.STOP);
    }
}
