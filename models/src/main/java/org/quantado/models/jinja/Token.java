package org.quantado.models.jinja;

/**
 * A piece of a template.
 *
 * @param kind what it is
 * @param text of it; of a string, its value
 * @param line where it begins
 */
record Token(Kind kind, String text, int line) {
    /** What a token is. */
    enum Kind {
        TEXT, OUTPUT_BEGIN, OUTPUT_END, TAG_BEGIN, TAG_END, NAME, STRING, INTEGER, FLOAT, SYMBOL, END
    }

    boolean is(Kind wanted, String wantedText) {
        return kind == wanted && text.equals(wantedText);
    }

    /** For an error. */
    String shown() {
        return kind == Kind.END ? "the end of the template" : "'" + text + "'";
    }
}
