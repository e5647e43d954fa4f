package org.quantado.models.generate;

import java.util.ArrayList;
import java.util.List;

import org.quantado.models.decoder.InputException;
import org.quantado.models.decoder.Session;
import org.quantado.models.text.Tokenizer;

import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/**
 * Lets a model go on with many prompts, as many at a time as its session has room for: their ids go through the weights
 * together. The next prompt begins where an answer ends. What is wrong with a prompt ends its own answer only.
 */
public final class BatchGenerator {
    private final Session session;
    private final Tokenizer tokenizer;
    private final Receiver receiver;
    private final SequenceSteps steps;
    private final List<Member> members = new ArrayList<>();

    /**
     * One of many prompts.
     *
     * @param ids at least one
     */
    @SuppressWarnings("ArrayRecordComponent") // nobody compares prompts
    public record Prompt(int[] ids, GenerationRequest request) {
    }

    /** Who waits for the answers. They come in the order in which they end. */
    public interface Receiver {
        /** @param prompt its place in the list */
        void answered(int prompt, Answer answer);

        /**
         * There is no answer.
         *
         * @param why a {@link GenerationException} or an {@link InputException}
         */
        void failed(int prompt, RuntimeException why);
    }

    /** A prompt that is being answered. */
    private final class Member {
        private final int prompt;
        private final SessionSequence sequence = new SessionSequence(session);
        private GrowingAnswer answer;
        private RuntimeException failure;

        Member(int prompt) {
            this.prompt = prompt;
        }

        void begin(Prompt asked) {
            try {
                answer = new GrowingAnswer(sequence, tokenizer, asked.ids(), asked.request(), _ -> {
                });
                answer.goOn(sequence, asked.ids());
            } catch (GenerationException | InputException e) {
                failure = e;
            }
        }

        int choose(FloatArray logits) {
            try {
                return answer.choose(logits);
            } catch (GenerationException e) {
                failure = e;
                return 0;
            }
        }

        void accept(int id) {
            if (failure == null) {
                answer.accept(id, sequence.length());
            }
        }

        boolean hasEnded() {
            return failure != null || answer.hasEnded();
        }

        void leave() {
            sequence.close();
            if (failure == null) {
                receiver.answered(prompt, answer.finish());
            } else {
                receiver.failed(prompt, failure);
            }
        }
    }

    private BatchGenerator(Session session, Tokenizer tokenizer, Receiver receiver) {
        this.session = session;
        this.tokenizer = tokenizer;
        this.receiver = receiver;
        this.steps = new SequenceSteps(session);
    }

    /**
     * Answers them all. Which of them are answered together depends on them alone, and on how many the session has room
     * for.
     *
     * @param session without open sequences
     */
    public static void answer(Session session, Tokenizer tokenizer, List<Prompt> prompts, Receiver receiver) {
        BatchGenerator batch = new BatchGenerator(session, tokenizer, receiver);
        try {
            batch.answer(prompts);
        } finally {
            batch.members.forEach(member -> member.sequence.close());
        }
    }

    private void answer(List<Prompt> prompts) {
        int next = 0;
        while (next < prompts.size() || !members.isEmpty()) {
            while (next < prompts.size() && members.size() < session.sequences()) {
                Member member = new Member(next);
                members.add(member);
                member.begin(prompts.get(next));
                leave();
                next++;
            }
            step();
            leave();
        }
    }

    private void step() {
        if (members.isEmpty()) {
            return;
        }
        int[] sequences = members.stream().mapToInt(member -> member.sequence.number()).toArray();
        int[] ids = members.stream().mapToInt(member -> member.answer.lastId()).toArray();
        int[] next = members.stream().allMatch(member -> member.answer.isPlainGreedy())
                ? steps.greedy(sequences, ids)
                : steps.chosen(sequences, ids, (index, logits) -> members.get(index).choose(logits));
        for (int i = 0; i < next.length; i++) {
            members.get(i).accept(next[i]);
        }
    }

    private void leave() {
        List<Member> ended = members.stream().filter(Member::hasEnded).toList();
        members.removeAll(ended);
        ended.forEach(Member::leave);
    }
}
