package org.quantado.server.model;

import java.util.List;

/** Tells the text of one answer from the calls of tools in it. Text that may turn out to be a call is held back. */
public final class ToolCallReader {
    private final ToolFormat format;
    private final StringBuilder held = new StringBuilder();
    private boolean plain;

    /** Before an answer. */
    public ToolCallReader(ToolFormat format) {
        this.format = format;
    }

    /** Adds a piece, and gives the text that is certainly not part of a call. */
    public String add(String piece) {
        held.append(piece);
        if (plain) {
            return take(held.length());
        }
        int call = format.comesAfterText() ? held.indexOf(format.begin()) : -1;
        if (call >= 0) {
            return take(call);
        }
        if (format.comesAfterText()) {
            return take(held.length() - begun());
        }
        String text = held.toString().stripLeading();
        plain = !text.isEmpty() && !text.startsWith(format.begin());
        return plain ? take(held.length()) : "";
    }

    /** Length of the longest end of the text that may begin a call. */
    private int begun() {
        int length = Math.min(format.begin().length() - 1, held.length());
        while (!format.begin().startsWith(held.substring(held.length() - length))) {
            length--;
        }
        return length;
    }

    private String take(int length) {
        String text = held.substring(0, length);
        held.delete(0, length);
        return text;
    }

    /** The calls, when no more text comes. */
    public List<ToolCall> calls() {
        return held.isEmpty() ? List.of() : format.parse(held.toString());
    }

    /** The text that was held back, and is no call. */
    public String rest() {
        return calls().isEmpty() ? take(held.length()) : "";
    }
}
