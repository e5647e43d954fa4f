package org.quantado.schemes.checkpoint;

import java.nio.file.Path;

/**
 * Says in one line what is wrong with a checkpoint: the file, the tensor or field, what was found and what was
 * expected.
 */
public final class CheckpointException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** Names and values come from the file, and may be as long as it is. */
    private static final int LONGEST_QUOTE = 160;

    /**
     * @param file the file that is wrong
     * @param where the tensor or field in it
     * @param found what is there
     * @param expected what should be there
     */
    public CheckpointException(Path file, String where, String found, String expected) {
        this(file + ": " + where, found, expected);
    }

    /** As the other constructor, for what does not belong to one place in one file. */
    public CheckpointException(String where, String found, String expected) {
        super(Escaped.text(where + ": found " + found + ", expected " + expected));
    }

    /** Adds the exception that gave this one away. */
    public CheckpointException causedBy(Throwable cause) {
        initCause(cause);
        return this;
    }

    /** A name or value as it may stand in a message: in quotes, on one line, shortened where it is very long. */
    public static String quote(String text) {
        return "'" + shorten(text) + "'";
    }

    /** A name or value that stands in a message without quotes: on one line, shortened. */
    public static String shorten(String text) {
        String shown = text.length() <= LONGEST_QUOTE
                ? text
                : text.substring(0, LONGEST_QUOTE) + "... (" + text.length() + " characters)";
        return Escaped.text(shown);
    }
}
