package org.quantado.kernels.experts;

import org.quantado.kernels.graph.Rows;

/** Is given what goes through MLPs while their graph is built, and may add tasks that read it. */
public interface MlpReader {
    /** Reads nothing. */
    MlpReader NONE = new MlpReader() {
    };

    /** What gate and up give, {@code [M, 2I]}. */
    default void gatesAndUps(Rows rows) {
        // nobody reads it
    }

    /** What goes into down, before it is quantized, {@code [M, I]}. */
    default void activated(Rows rows) {
        // nobody reads it
    }

    /** What down gives, {@code [M, H]}. */
    default void results(Rows rows) {
        // nobody reads it
    }
}
