package org.quantado.host.flow;

import java.util.ArrayList;
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

    /**
     * The order in which a compiler that parses a method and then puts its helpers in comes by the instructions: a
     * method's own come before those of the methods that it calls.
     */
    @Override
    public int compareTo(CodePath other) {
        int last = Math.min(positions.size(), other.positions.size()) - 1;
        for (int i = 0; i < last; i++) {
            int order = Integer.compare(positions.get(i), other.positions.get(i));
            if (order != 0) {
                return order;
            }
        }
        int byDepth = Integer.compare(positions.size(), other.positions.size());
        return byDepth != 0 ? byDepth : Integer.compare(positions.get(last), other.positions.get(last));
    }
}
