package org.quantado.schemes.config;

import java.util.Locale;
import java.util.Optional;
import org.quantado.schemes.checkpoint.CheckpointException;

/**
 * What a config group or the ignore list points at: the name of a layer, {@code re:} and a regular expression for
 * names, or the name of a class of layers.
 */
public final class Target {
    private static final String REGEX_PREFIX = "re:";

    private final String text;
    private final Optional<PythonRegex> regex;
    private final String origin;

    private Target(String text, String origin) {
        this.text = text;
        this.regex = text.startsWith(REGEX_PREFIX)
                ? Optional.of(new PythonRegex(text.substring(REGEX_PREFIX.length())))
                : Optional.empty();
        this.origin = origin;
    }

    /**
     * @param text as it stands in a config
     * @throws IllegalArgumentException if it is an invalid regular expression
     */
    public static Target of(String text) {
        return new Target(text, "target");
    }

    static Target read(JsonField field) {
        return read(field, field.string());
    }

    /**
     * A target that a field of a config stands for.
     *
     * @param text as compressed-tensors would write it
     * @throws CheckpointException about the field, if it is an invalid regular expression
     */
    public static Target read(JsonField field, String text) {
        try {
            return new Target(text,
                    field.file() + ": " + CheckpointException.shorten(field.path()));
        } catch (IllegalArgumentException e) {
            throw field.refuse("a name, or re: and a regular expression ("
                    + CheckpointException.shorten(String.valueOf(e.getMessage())) + ")").causedBy(e);
        }
    }

    /** As it stands in a config. */
    public String text() {
        return text;
    }

    /** Whether it is a regular expression. */
    public boolean isExpression() {
        return regex.isPresent();
    }

    /** Whether it is this name, or an expression that the name's beginning matches. */
    public boolean matchesName(String name) {
        return regex.map(expression -> matches(expression, name)).orElseGet(() -> text.equals(name));
    }

    /** As {@link #matchesName}, but any part of the class name will do, in upper or lower case. */
    public boolean matchesClass(String className) {
        return regex.map(expression -> matches(expression, className)).orElseGet(
                () -> className.toLowerCase(Locale.ROOT).contains(text.toLowerCase(Locale.ROOT)));
    }

    private boolean matches(PythonRegex expression, String name) {
        try {
            return expression.matches(name);
        } catch (IllegalArgumentException e) {
            throw new CheckpointException(origin + " " + CheckpointException.quote(text),
                    String.valueOf(e.getMessage()), "a regular expression that ends").causedBy(e);
        }
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Target target && text.equals(target.text);
    }

    @Override
    public int hashCode() {
        return text.hashCode();
    }

    @Override
    public String toString() {
        return text;
    }
}
