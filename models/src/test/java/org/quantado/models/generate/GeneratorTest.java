package org.quantado.models.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.quantado.models.generate.Answer.End;
import org.quantado.models.text.TestModels;
import org.quantado.models.text.Tokenizer;

class GeneratorTest {
    private static final Tokenizer TOKENIZER = Tokenizer.open(TestModels.tales());
    private static final String STORY = "the hen and the cat met a dog in the sun";
    private static final int[] STORY_IDS = TOKENIZER.encode(STORY);
    private static final int[] PROMPT = TOKENIZER.encode("Once upon a time");
    private static final int VOCABULARY = 512;
    private static final Set<Integer> STOP = Set.of(0, 3);

    private final List<String> pieces = new ArrayList<>();

    @AfterAll
    static void close() {
        TOKENIZER.close();
    }

    /** Says the story after the prompt, then id 3 for ever. */
    private static ScriptedSequence storyteller(int prompt, int capacity) {
        return new ScriptedSequence(VOCABULARY, capacity, length -> {
            int next = length - prompt;
            return next >= 0 && next < STORY_IDS.length ? STORY_IDS[next] : 3;
        });
    }

    private static GenerationRequest request(int maxTokens, String... stops) {
        return new GenerationRequest(Sampling.GREEDY, maxTokens, STOP, List.of(stops));
    }

    private Answer answer(GenerationRequest request) {
        return Generator.answer(storyteller(PROMPT.length, 100), TOKENIZER, PROMPT, request, pieces::add);
    }

    @Test
    void anIdEndsTheAnswer() {
        Answer answer = answer(request(90));
        assertThat(answer.text()).isEqualTo(STORY);
        assertThat(answer.end()).isEqualTo(End.STOP);
        assertThat(answer.ids()).hasSize(STORY_IDS.length + 1).startsWith(STORY_IDS).endsWith(3);
        assertThat(String.join("", pieces)).isEqualTo(STORY);
        assertThat(pieces.size()).isGreaterThan(5);
    }

    @Test
    void aStringEndsTheAnswer() {
        Answer answer = answer(request(90, "cat m", " dog"));
        assertThat(answer.text()).isEqualTo("the hen and the ");
        assertThat(answer.end()).isEqualTo(End.STOP);
        assertThat(String.join("", pieces)).isEqualTo(answer.text());
    }

    @Test
    void theNumberOfTokensEndsTheAnswer() {
        Answer answer = answer(request(5));
        assertThat(answer.ids()).hasSize(5);
        assertThat(answer.end()).isEqualTo(End.LENGTH);
        assertThat(answer.text()).isEqualTo(TOKENIZER.decode(answer.ids()));
        assertThat(answer.times().promptTokens()).isEqualTo(PROMPT.length);
        assertThat(answer.times().answerTokens()).isEqualTo(5);
        assertThat(answer.times().firstNanos()).isPositive();
        assertThat(answer.times().answerRate()).isPositive();
    }

    @Test
    void theContextEndsTheAnswer() {
        Answer answer = Generator.answer(storyteller(PROMPT.length, PROMPT.length + 4), TOKENIZER, PROMPT,
                request(90), pieces::add);
        assertThat(answer.ids()).hasSize(5);
        assertThat(answer.end()).isEqualTo(End.CONTEXT);
    }

    @Test
    void whoWaitsCanCancel() {
        Answer answer = Generator.answer(storyteller(PROMPT.length, 100), TOKENIZER, PROMPT, request(90),
                new Listener() {
                    @Override
                    public void text(String piece) {
                        pieces.add(piece);
                    }

                    @Override
                    public boolean isCancelled() {
                        return pieces.size() == 3;
                    }
                });
        assertThat(answer.end()).isEqualTo(End.CANCELLED);
        assertThat(answer.ids()).hasSize(3);
        assertThat(answer.text()).isEqualTo(String.join("", pieces));
    }

    @Test
    void longPromptsAreReadInBlocks() {
        ScriptedSequence sequence = storyteller(600, 700);
        List<Integer> read = new ArrayList<>();
        Generator.answer(sequence, TOKENIZER, new int[600], request(1), new Listener() {
            @Override
            public void text(String piece) {
                pieces.add(piece);
            }

            @Override
            public void promptRead(int tokens, int all) {
                read.add(tokens);
            }
        });
        assertThat(sequence.appended()).containsExactly(256, 256, 88);
        assertThat(read).containsExactly(256, 512);
    }

    @Test
    void promptsThatDoNotFitAreRefused() {
        ScriptedSequence sequence = storyteller(0, 3);
        assertThatThrownBy(() -> Generator.answer(sequence, TOKENIZER, new int[0], request(1), pieces::add))
                .isInstanceOf(GenerationException.class)
                .hasMessage("prompt: found no tokens, expected at least one");
        assertThatThrownBy(() -> Generator.answer(sequence, TOKENIZER, new int[4], request(1), pieces::add))
                .isInstanceOf(GenerationException.class)
                .hasMessage("prompt: found 4 tokens, expected at most 3, the context");
        assertThat(sequence.length()).isZero();
    }

    @Test
    void aSeedGivesTheSameAnswerAgain() {
        Sampling sampling = Sampling.GREEDY.withTemperature(3);
        Answer first = answer(new GenerationRequest(sampling, 20, STOP, List.of()));
        Answer again = answer(
                new GenerationRequest(sampling.withSeed(first.seed().orElseThrow()), 20, STOP, List.of()));
        assertThat(again.ids()).isEqualTo(first.ids());
        assertThat(again.text()).isEqualTo(first.text());
    }

    @Test
    void requestsHaveRanges() {
        assertThatThrownBy(() -> request(0)).isInstanceOf(GenerationException.class);
        assertThatThrownBy(() -> request(1, "")).isInstanceOf(GenerationException.class);
    }
}
