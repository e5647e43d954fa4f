package org.quantado.models.text;

import java.util.List;

/** Ends a text before the first of some strings. Text that may turn out to begin one is held back. */
public final class StopStrings {
    private final List<String> stops;
    private final StringBuilder held = new StringBuilder();
    private boolean found;

    /**
     * @param stops none of them empty
     */
    public StopStrings(List<String> stops) {
        if (stops.stream().anyMatch(String::isEmpty)) {
            throw new IllegalArgumentException("stop string: found an empty one, expected text");
        }
        this.stops = List.copyOf(stops);
    }

    /** Adds a piece of text, and gives what certainly comes before any of the strings. */
    public String add(String piece) {
        if (found) {
            return "";
        }
        held.append(piece);
        int end = stops.stream().mapToInt(held::indexOf).filter(index -> index >= 0).min().orElse(-1);
        if (end >= 0) {
            found = true;
            return take(end);
        }
        int kept = 0;
        for (String stop : stops) {
            kept = Math.max(kept, begun(stop));
        }
        return take(held.length() - kept);
    }

    /** Length of the longest end of the text that begins a string. */
    private int begun(String stop) {
        int length = Math.min(stop.length() - 1, held.length());
        while (!stop.startsWith(held.substring(held.length() - length))) {
            length--;
        }
        return length;
    }

    private String take(int length) {
        String text = held.substring(0, length);
        held.delete(0, length);
        return text;
    }

    /** Whether one of the strings came. */
    public boolean found() {
        return found;
    }

    /** What was held back, when no more text comes. */
    public String finish() {
        return found ? "" : take(held.length());
    }
}
