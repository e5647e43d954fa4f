package org.quantado.models.evaluate;

import java.util.Arrays;
import java.util.List;
import java.util.function.IntConsumer;

import org.quantado.models.generate.GenerationException;
import org.quantado.models.generate.TokenSequence;

import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/** Lets models predict a text. */
public final class Evaluation {
    /** Positions whose logits are held at once. */
    private static final int BLOCK = 64;

    private Evaluation() {
    }

    /**
     * How likely windows of a text are.
     *
     * @param sequence of the model; it is emptied for each window
     * @param windows ids, at least two each
     * @param progress told of each id that was predicted
     */
    public static Likelihood likelihood(TokenSequence sequence, List<int[]> windows, IntConsumer progress) {
        LikelihoodSum sum = new LikelihoodSum();
        for (int[] window : windows) {
            forEachBlock(window, List.of(sequence), (from, ids, logits) -> {
                for (int i = 0; i < ids.length; i++) {
                    sum.add(new LogProbabilities(logits.getFirst(), i, sequence.vocabularySize()),
                            window[from + i + 1]);
                }
                progress.accept(ids.length);
            });
        }
        return sum.likelihood();
    }

    /**
     * How far a model is from a reference on windows of a text.
     *
     * @param sequence of the model; it is emptied for each window, and so is the other
     * @param reference of the other model
     * @param windows ids, at least two each
     * @param progress told of each id that was predicted
     * @throws GenerationException if the models do not have the same number of ids
     */
    public static Comparison compare(TokenSequence sequence, TokenSequence reference, List<int[]> windows,
            IntConsumer progress) {
        int vocabulary = sequence.vocabularySize();
        if (reference.vocabularySize() != vocabulary) {
            throw new GenerationException("vocabulary of the other model", reference.vocabularySize() + " ids",
                    String.valueOf(vocabulary));
        }
        LikelihoodSum ofModel = new LikelihoodSum();
        LikelihoodSum ofReference = new LikelihoodSum();
        DivergenceSums divergences = new DivergenceSums(windows.stream().mapToInt(window -> window.length).max()
                .orElse(0));
        for (int[] window : windows) {
            forEachBlock(window, List.of(sequence, reference), (from, ids, logits) -> {
                for (int i = 0; i < ids.length; i++) {
                    LogProbabilities expected = new LogProbabilities(logits.getLast(), i, vocabulary);
                    LogProbabilities found = new LogProbabilities(logits.getFirst(), i, vocabulary);
                    ofModel.add(found, window[from + i + 1]);
                    ofReference.add(expected, window[from + i + 1]);
                    divergences.add(from + i + 1, expected.divergence(found), expected.top() == found.top());
                }
                progress.accept(ids.length);
            });
        }
        return divergences.comparison(ofModel.likelihood(), ofReference.likelihood());
    }

    /** Looks at some positions of a window. */
    @FunctionalInterface
    private interface BlockVisitor {
        void visit(int from, int[] ids, List<FloatArray> logits);
    }

    /** Reads all ids of a window but the last, whose prediction nobody can check. */
    private static void forEachBlock(int[] window, List<TokenSequence> sequences, BlockVisitor visitor) {
        for (TokenSequence sequence : sequences) {
            if (window.length - 1 > sequence.capacity()) {
                throw new GenerationException("window", window.length + " tokens", "at most "
                        + (sequence.capacity() + 1) + ", one more than the context");
            }
            sequence.rewind(0);
        }
        for (int from = 0; from < window.length - 1; from += BLOCK) {
            int[] ids = Arrays.copyOfRange(window, from, Math.min(window.length - 1, from + BLOCK));
            visitor.visit(from, ids, sequences.stream().map(sequence -> sequence.appendAll(ids)).toList());
        }
    }
}
