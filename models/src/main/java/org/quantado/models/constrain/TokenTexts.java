package org.quantado.models.constrain;

import java.util.Optional;
import java.util.stream.IntStream;

import org.quantado.models.text.Tokenizer;

/** What each id adds to a text. Part of a character is U+FFFD. Immutable. */
public final class TokenTexts {
    /** A text before an id: some tokenizers leave a space out at the very beginning. */
    private static final String BEFORE = "a";

    private final String[] texts;

    private TokenTexts(String... texts) {
        this.texts = texts;
    }

    /**
     * Those of all ids of a tokenizer; takes microseconds for each.
     *
     * @param tokenizer one that has a token for the letter a
     */
    public static TokenTexts of(Tokenizer tokenizer) {
        int[] encoded = tokenizer.encode(BEFORE);
        int before = encoded[encoded.length - 1];
        String begun = tokenizer.decode(before);
        return new TokenTexts(IntStream.range(0, tokenizer.vocabularySize()).mapToObj(id -> {
            String both = tokenizer.isText(id) ? tokenizer.decode(before, id) : "";
            return both.startsWith(begun) ? both.substring(begun.length()) : "";
        }).toArray(String[]::new));
    }

    /** The text of an id; empty for special tokens, and those beyond the tokenizer's. */
    public Optional<String> text(int id) {
        return id < texts.length && !texts[id].isEmpty() ? Optional.of(texts[id]) : Optional.empty();
    }
}
