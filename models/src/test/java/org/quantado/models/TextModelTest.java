package org.quantado.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.quantado.models.decoder.InputException;
import org.quantado.models.evaluate.Evaluation;
import org.quantado.models.evaluate.TextWindows;
import org.quantado.models.generate.Answer;
import org.quantado.models.generate.Conversation;
import org.quantado.models.generate.GenerationRequest;
import org.quantado.models.generate.Sampling;
import org.quantado.models.generate.SessionSequence;
import org.quantado.models.text.TestModels;

/** The demo's model, and what transformers made of it. */
@Tag("device")
class TextModelTest {
    private static final String PROMPT = "<|user|>Once upon a time, there was a gentle boy named Finn. On a windy "
            + "evening, he found a torn map beside the gate. \"See,\" said a clever hen. \"A red cross! Let us follow it.\" "
            + "The map led them first to the school and then to the river. The hen looked by the river until there was a "
            + "chest. There was no gold in it, only a painted box. Finn and the hen put the box on the shelf for everyone "
            + "to see. Where did they go first?<|end|><|assistant|>";
    private static final String ANSWER = "They went to the school first.";

    private static TextModel model;

    @BeforeAll
    static void open() {
        model = TextModel.open(TestModels.tales());
    }

    @AfterAll
    static void close() {
        model.close();
    }

    @Test
    void theAnswerIsThePeers() {
        Answer answer = model.generate(PROMPT, Sampling.GREEDY, piece -> {
        });
        assertThat(answer.text()).isEqualTo(ANSWER);
        assertThat(answer.end()).isEqualTo(Answer.End.STOP);
        assertThat(answer.ids()).endsWith(3);
        assertThat(answer.times().promptTokens()).isEqualTo(175);
    }

    @Test
    void aConversationGivesTheSameAnswer() {
        String question = PROMPT.substring("<|user|>".length(), PROMPT.indexOf("<|end|>"));
        GenerationRequest request = new GenerationRequest(model.sampling(), 20, model.stopIds(), List.of());
        try (Conversation conversation = model.conversation(List.of())) {
            assertThat(conversation.ask(question, request, piece -> {
            }).text()).isEqualTo(ANSWER);
            Answer second = conversation.ask("Who found it?", request, piece -> {
            });
            assertThat(second.times().promptTokens()).isLessThan(20);
            assertThatThrownBy(model::sequence).isInstanceOf(InputException.class);
        }
    }

    @Test
    void perplexityIsThePeers() throws IOException {
        List<int[]> windows = TextWindows.consecutive(model.tokenizer(), Files.readString(TestModels.talesText()), 256);
        try (SessionSequence sequence = model.sequence()) {
            assertThat(Evaluation.likelihood(sequence, windows.subList(0, 2), tokens -> {
            }).perplexity()).isCloseTo(1.383992, within(1e-4));
        }
    }

    @Test
    void idsThatEndAnswersAreThoseOfAllFiles() {
        assertThat(model.stopIds()).isEqualTo(Set.of(0, 3));
    }

    @Test
    void storiesArePeersStories() throws IOException {
        Path stories = TestModels.stories();
        try (TextModel other = TextModel.open(stories.resolve("bf16"))) {
            assertThat(other.generate("Once upon a time", new GenerationRequest(Sampling.GREEDY, 32, Set.of(),
                    List.of()), piece -> {
                    }).text())
                    .startsWith(", there was a little girl named Lily. She loved to play outside in the park.");
            List<int[]> paragraphs = TextWindows.paragraphs(other.tokenizer(),
                    Files.readString(stories.resolve("text.txt")));
            try (SessionSequence sequence = other.sequence()) {
                assertThat(Evaluation.likelihood(sequence, paragraphs, tokens -> {
                }).perplexity()).isCloseTo(3.86639, within(4e-5));
            }
            int[] ids = other.tokenizer().encodeWithSpecialTokens("Once upon a time");
            assertThat(Arrays.stream(ids).boxed()).startsWith(1);
        }
    }
}
