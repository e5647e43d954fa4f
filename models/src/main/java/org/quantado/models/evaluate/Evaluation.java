package org.quantado.models.evaluate;

import java.util.Arrays;
import java.util.List;
import java.util.function.IntConsumer;

import org.quantado.models.generate.GenerationException;
import org.quantado.models.generate.TokenSequence;

import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/** Lets models predict a text. */
public final class Evaluation {
    /** Positions whose logits are held at once, to be compared. */
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
            sum.add(window.length - 1, nll(sequence, window, progress));
        }
        return sum.likelihood();
    }

    /** The sum of the negative logarithms of the probabilities of a window's ids. */
    static double nll(TokenSequence sequence, int[] window, IntConsumer progress) {
        LikelihoodSum sum = new LikelihoodSum();
        begin(sequence, window);
        sequence.append(Arrays.copyOf(window, window.length - 1), (first, count, logits) -> {
            for (int i = 0; i < count; i++) {
                sum.add(new LogProbabilities(logits, i, sequence.vocabularySize()), window[first + i + 1]);
            }
            progress.accept(count);
        });
        return sum.nll();
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
        FloatArray expectedLogits = new FloatArray(BLOCK * vocabulary);
        for (int[] window : windows) {
            LikelihoodSum windowOfModel = new LikelihoodSum();
            LikelihoodSum windowOfReference = new LikelihoodSum();
            begin(sequence, window);
            begin(reference, window);
            for (int from = 0; from < window.length - 1; from += BLOCK) {
                int[] ids = Arrays.copyOfRange(window, from, Math.min(window.length - 1, from + BLOCK));
                int start = from + 1;
                reference.append(ids, (first, count, logits) -> copy(logits, count * vocabulary, expectedLogits,
                        first * vocabulary));
                sequence.append(ids, (first, count, logits) -> {
                    for (int i = 0; i < count; i++) {
                        int position = start + first + i;
                        LogProbabilities expected = new LogProbabilities(expectedLogits, first + i, vocabulary);
                        LogProbabilities found = new LogProbabilities(logits, i, vocabulary);
                        windowOfModel.add(found, window[position]);
                        windowOfReference.add(expected, window[position]);
                        divergences.add(position, expected.divergence(found), expected.top() == found.top());
                    }
                    progress.accept(count);
                });
            }
            ofModel.add(window.length - 1, windowOfModel.nll());
            ofReference.add(window.length - 1, windowOfReference.nll());
        }
        return divergences.comparison(ofModel.likelihood(), ofReference.likelihood());
    }

    private static void copy(FloatArray from, int count, FloatArray to, int offset) {
        for (int i = 0; i < count; i++) {
            to.set(offset + i, from.get(i));
        }
    }

    /** Empties a sequence for a window, whose last id it need not read: nobody could check what comes after. */
    private static void begin(TokenSequence sequence, int... window) {
        if (window.length - 1 > sequence.capacity()) {
            throw new GenerationException("window", window.length + " tokens", "at most " + (sequence.capacity() + 1)
                    + ", one more than the context");
        }
        sequence.rewind(0);
    }
}
