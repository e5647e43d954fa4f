package org.quantado.models.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.quantado.models.ModelOptions;
import org.quantado.models.TextModel;
import org.quantado.models.decoder.InputException;
import org.quantado.models.generate.Answer.End;
import org.quantado.models.generate.BatchGenerator.Prompt;
import org.quantado.models.text.TestModels;

/** Many prompts at a time: each is answered as if it were alone. */
@Tag("device")
class BatchGeneratorTest {
    private static final int CONTEXT = 340;
    private static final String PROMPT = "Once upon a time, there was a gentle boy named Finn.";
    private static final Sampling DRAWN = Sampling.GREEDY.withTemperature(1);

    private static TextModel model;

    @BeforeAll
    static void open() {
        model = TextModel.open(TestModels.tales(), ModelOptions.USUAL.withContext(CONTEXT), 3);
    }

    @AfterAll
    static void close() {
        model.close();
    }

    /** Whatever came of each prompt. */
    private static final class Outcomes implements BatchGenerator.Receiver {
        private final Map<Integer, Answer> answers = new HashMap<>();
        private final Map<Integer, RuntimeException> failures = new HashMap<>();

        @Override
        public void answered(int prompt, Answer answer) {
            assertThat(answers.put(prompt, answer)).isNull();
        }

        @Override
        public void failed(int prompt, RuntimeException why) {
            assertThat(failures.put(prompt, why)).isNull();
        }
    }

    /** @param length ids of the prompt; those of a text again and again */
    private static Prompt prompt(int length, Sampling sampling, int maxTokens, String... stops) {
        int[] ids = model.tokenizer().encodeWithSpecialTokens(PROMPT);
        return new Prompt(IntStream.range(0, length).map(i -> ids[i % ids.length]).toArray(),
                new GenerationRequest(sampling, maxTokens, model.stopIds(), List.of(stops)));
    }

    private static Outcomes answer(List<Prompt> prompts) {
        Outcomes outcomes = new Outcomes();
        model.generateAll(prompts, outcomes);
        return outcomes;
    }

    private static List<Prompt> prompts() {
        List<Prompt> prompts = new ArrayList<>(List.of(prompt(5, Sampling.GREEDY, 30),
                prompt(20, Sampling.GREEDY.withRepetitionPenalty(1.2), 12),
                prompt(CONTEXT - 4, DRAWN.withSeed(3), 30), prompt(12, Sampling.GREEDY, 30, "the", "."),
                prompt(17, Sampling.GREEDY, 1), prompt(0, Sampling.GREEDY, 5),
                prompt(CONTEXT + 1, Sampling.GREEDY, 5)));
        for (int seed = 0; seed < 6; seed++) {
            prompts.add(prompt(3 + 3 * seed, DRAWN.withSeed(seed), 10 + 4 * seed));
        }
        Prompt unknown = prompt(3, Sampling.GREEDY, 5);
        unknown.ids()[1] = 100_000;
        prompts.add(unknown);
        return prompts;
    }

    @Test
    void answersAreThoseOfPromptsAlone() {
        List<Prompt> prompts = prompts();
        Outcomes together = answer(prompts);
        assertThat(together.answers.size() + together.failures.size()).isEqualTo(prompts.size());
        for (int i = 0; i < prompts.size(); i++) {
            Outcomes alone = answer(List.of(prompts.get(i)));
            assertThat(together.answers.containsKey(i)).as("prompt %d", i).isEqualTo(alone.failures.isEmpty());
            if (alone.failures.isEmpty()) {
                Answer expected = alone.answers.get(0);
                assertThat(together.answers.get(i).ids()).as("prompt %d", i).isEqualTo(expected.ids());
                assertThat(together.answers.get(i).text()).isEqualTo(expected.text());
                assertThat(together.answers.get(i).end()).isEqualTo(expected.end());
            }
        }
        assertThat(together.answers.get(2).end()).isEqualTo(End.CONTEXT);
        assertThat(together.answers.get(3).end()).isEqualTo(End.STOP);
        assertThat(together.answers.get(3).text()).doesNotContain("the").doesNotContain(".");
        assertThat(together.answers.get(4).ids()).hasSize(1);
        assertThat(together.failures).hasSize(3);
        assertThat(together.failures.get(5)).isInstanceOf(GenerationException.class).hasMessageContaining("no tokens");
        assertThat(together.failures.get(6)).isInstanceOf(GenerationException.class)
                .hasMessageContaining("at most " + CONTEXT);
        assertThat(together.failures.get(prompts.size() - 1)).isInstanceOf(InputException.class)
                .hasMessageContaining("100000");
    }

    @Test
    void oneAtATimeAnswersLikeAGenerator() {
        try (TextModel single = TextModel.open(TestModels.tales(), ModelOptions.USUAL.withContext(CONTEXT))) {
            Prompt drawn = prompt(20, DRAWN.withSeed(1), 20);
            Outcomes outcomes = new Outcomes();
            single.generateAll(List.of(prompt(9, Sampling.GREEDY, 9), drawn), outcomes);
            try (SessionSequence sequence = single.sequence()) {
                assertThat(outcomes.answers.get(1).ids()).isEqualTo(Generator.answer(sequence, single.tokenizer(),
                        drawn.ids(), drawn.request(), _ -> {
                        }).ids());
            }
        }
    }

    @Test
    void whatAReceiverThrowsLeavesNoSequence() {
        IllegalStateException thrown = new IllegalStateException("disk full");
        BatchGenerator.Receiver throwing = new BatchGenerator.Receiver() {
            @Override
            public void answered(int prompt, Answer answer) {
                throw thrown;
            }

            @Override
            public void failed(int prompt, RuntimeException why) {
                throw why;
            }
        };
        Prompt shortOne = prompt(5, Sampling.GREEDY, 2);
        Prompt longOne = prompt(5, Sampling.GREEDY, 30);
        assertThat(catchThrowable(() -> model.generateAll(List.of(longOne, shortOne, longOne), throwing)))
                .isSameAs(thrown);
        List<SessionSequence> sequences = List.of(model.sequence(), model.sequence(), model.sequence());
        sequences.forEach(SessionSequence::close);
    }
}
