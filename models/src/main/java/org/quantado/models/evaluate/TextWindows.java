package org.quantado.models.evaluate;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

import org.quantado.models.generate.GenerationException;
import org.quantado.models.text.Tokenizer;

/** A text in windows, each of which a model reads on its own. The first id of a window is not predicted. */
public final class TextWindows {
    /** What parts paragraphs. */
    private static final String EMPTY_LINE = "\\R(?:[ \\t]*\\R)+";

    private TextWindows() {
    }

    /**
     * Windows one after another, over the ids of the whole text with those that the model expects around it.
     *
     * @param size ids of a window; the last one has what is left, if that is more than one
     */
    public static List<int[]> consecutive(Tokenizer tokenizer, String text, int size) {
        return consecutive(tokenizer.encodeWithSpecialTokens(text), size);
    }

    /** Windows one after another, over ids. */
    public static List<int[]> consecutive(int[] ids, int size) {
        if (size < 2) {
            throw new GenerationException("window", size + " tokens", "at least 2");
        }
        List<int[]> windows = new ArrayList<>();
        for (int i = 0; i < ids.length; i += size) {
            windows.add(Arrays.copyOfRange(ids, i, Math.min(ids.length, i + size)));
        }
        return predicted(windows.stream());
    }

    /** One window for each paragraph, with the ids that the model expects around a text. */
    public static List<int[]> paragraphs(Tokenizer tokenizer, String text) {
        return predicted(Stream.of(text.strip().split(EMPTY_LINE)).map(tokenizer::encodeWithSpecialTokens));
    }

    private static List<int[]> predicted(Stream<int[]> windows) {
        List<int[]> predicted = windows.filter(window -> window.length > 1).toList();
        if (predicted.isEmpty()) {
            throw new GenerationException("text", "no token after another", "at least two");
        }
        return predicted;
    }
}
