package org.quantado.models.generate;

/** Who waits for an answer. */
@FunctionalInterface
public interface Listener {
    /** Text that was added to the answer; whole characters. */
    void text(String piece);

    /** So many ids of the prompt were read, of so many. */
    default void promptRead(int tokens, int all) {
        // not everybody wants to know
    }

    /** Whether the answer is not wanted any more; asked before each id. */
    default boolean isCancelled() {
        return false;
    }
}
