package org.quantado.models.text;

import java.util.Arrays;

/**
 * The text of ids that come one by one. Pieces put together are what {@link Tokenizer#decode} gives for all ids, and no
 * piece ends within a character.
 */
public final class StreamingDecoder {
    private static final int INITIAL_CAPACITY = 16;
    private static final char REPLACEMENT = '\ufffd';

    private final Tokenizer tokenizer;
    /** Ids from the last one on that the text after it does not depend on. */
    private int[] ids = new int[INITIAL_CAPACITY];
    private int count;
    /** How much of their text was given. */
    private int given;

    /** A decoder at the beginning of a text. */
    public StreamingDecoder(Tokenizer tokenizer) {
        this.tokenizer = tokenizer;
    }

    /** The text that is certain with this id, and was not before; often a word, sometimes nothing. */
    public String add(int id) {
        if (!tokenizer.isText(id)) {
            return "";
        }
        if (count == ids.length) {
            ids = Arrays.copyOf(ids, 2 * count);
        }
        ids[count++] = id;
        if (tokenizer.isByte(id)) {
            return "";
        }
        String text = text();
        int certain = text.length();
        while (certain > given && text.charAt(certain - 1) == REPLACEMENT) {
            certain--;
        }
        String piece = text.substring(given, certain);
        given = certain;
        if (certain == text.length()) {
            forget(id);
        }
        return piece;
    }

    /** What is left when no more ids come: an incomplete character as U+FFFD. */
    public String finish() {
        String rest = text().substring(given);
        count = 0;
        given = 0;
        return rest;
    }

    private String text() {
        return tokenizer.decode(Arrays.copyOf(ids, count));
    }

    /** Drops all ids before the last, if that has text of its own, to which later text is appended. */
    private void forget(int last) {
        String text = tokenizer.decode(last);
        if (!text.isEmpty() && text.indexOf(REPLACEMENT) < 0) {
            ids[0] = last;
            count = 1;
            given = text.length();
        }
    }
}
