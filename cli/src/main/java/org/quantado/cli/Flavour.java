package org.quantado.cli;

import java.util.Arrays;
import java.util.List;

/** Ways in which the kernels are written. */
enum Flavour {
    /** Plain parallel loops, for any device. */
    PORTABLE;

    static List<String> names() {
        return Arrays.stream(values()).map(Names::of).toList();
    }
}
