package org.quantado.schemes.hub;

import java.util.Optional;
import java.util.regex.Pattern;

import org.quantado.schemes.hub.HubException.Reason;

/** What a user is known by to the hub. It is shown to nobody else: not in messages, logs or exceptions. */
public final class HubToken {
    /** What may stand in a header; a library would quote others in its complaint. */
    private static final Pattern TEXT = Pattern.compile("[\\x21-\\x7e]+");

    private final String text;
    private final String source;

    private HubToken(String text, String source) {
        this.text = text;
        this.source = source;
    }

    /**
     * Reads a token; blanks around it and line ends do not count.
     *
     * @param source what it was read from, for messages
     * @return nothing if there is nothing in the text
     * @throws HubException if it cannot be one
     */
    static Optional<HubToken> of(String text, String source) {
        String clean = text.replaceAll("[\\r\\n]", "").strip();
        if (clean.isEmpty()) {
            return Optional.empty();
        }
        if (!TEXT.matcher(clean).matches()) {
            throw new HubException(Reason.USAGE,
                    source + ": found characters that no token has, expected a token of Hugging Face");
        }
        return Optional.of(new HubToken(clean, source));
    }

    /** What it was read from. */
    public String source() {
        return source;
    }

    /** The value of the header {@code Authorization}. */
    public String authorization() {
        return "Bearer " + text;
    }

    @Override
    public String toString() {
        return "a token from " + source;
    }
}
