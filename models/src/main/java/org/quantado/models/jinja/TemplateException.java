package org.quantado.models.jinja;

/** A template that cannot be read or rendered, in one line. */
public final class TemplateException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final boolean located;

    TemplateException(String message) {
        this(message, false);
    }

    private TemplateException(String message, boolean located) {
        super(message);
        this.located = located;
    }

    /** The same with the line where it happened, unless that is known already. */
    TemplateException at(int line) {
        if (located) {
            return this;
        }
        TemplateException exception = new TemplateException("line " + line + ": " + getMessage(), true);
        exception.initCause(this);
        return exception;
    }
}
