package org.quantado.host.flow;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** An instruction of a kernel with its helpers in the place of their calls: the positions of the calls, then its own. */
record CodePath(List<Integer> positions) implements Comparable<CodePath> {
    private static final CodePath ROOT = new CodePath(List.of());

    static CodePath root() {
        return ROOT;
    }

    CodePath then(int position) {
        List<Integer> longer = new ArrayList<>(positions);
        longer.add(position);
        return new CodePath(List.copyOf(longer));
    }

    int depth() {
        return positions.size();
    }

    /** The order in which the instructions stand in the code. */
    @Override
    public int compareTo(CodePath other) {
        int common = Math.min(positions.size(), other.positions.size());
        for (int i = 0; i < common; i++) {
            int order = Integer.compare(positions.get(i), other.positions.get(i));
            if (order != 0) {
                return order;
            }
        }
        return Comparator.<Integer>naturalOrder().compare(positions.size(), other.positions.size());
    }
}
