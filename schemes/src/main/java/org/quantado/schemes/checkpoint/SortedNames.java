package org.quantado.schemes.checkpoint;

import java.util.Collection;
import java.util.List;
import java.util.NavigableSet;
import java.util.TreeSet;

/** Names of tensors, to be found by how they begin. */
final class SortedNames {
    private final NavigableSet<String> names;

    SortedNames(Collection<String> names) {
        this.names = new TreeSet<>(names);
    }

    List<String> thatBegin(String beginning) {
        return names.tailSet(beginning, true).stream().takeWhile(name -> name.startsWith(beginning)).toList();
    }
}
