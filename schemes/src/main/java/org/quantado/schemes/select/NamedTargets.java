package org.quantado.schemes.select;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import org.quantado.schemes.config.Target;

/** Targets by the names of layers that they match; the first one that matches counts. Names are looked up, however many. */
final class NamedTargets {
    private final List<Target> targets;
    private final Map<String, Integer> indexOfName = new HashMap<>();
    private final List<Integer> expressions = new ArrayList<>();

    NamedTargets(Collection<Target> targets) {
        this.targets = List.copyOf(targets);
        for (int index = 0; index < this.targets.size(); index++) {
            if (this.targets.get(index).isExpression()) {
                expressions.add(index);
            } else {
                indexOfName.putIfAbsent(this.targets.get(index).text(), index);
            }
        }
    }

    /** The target that points at a layer by its name; by one of its other names if none does by this one. */
    Optional<Target> find(String name) {
        return ofName(name)
                .or(() -> Spellings.others(name).stream().flatMap(other -> ofName(other).stream()).findFirst());
    }

    private Optional<Target> ofName(String name) {
        int ofEqualName = indexOfName.getOrDefault(name, targets.size());
        return expressions.stream().filter(index -> index < ofEqualName && targets.get(index).matchesName(name))
                .findFirst().or(() -> Optional.ofNullable(indexOfName.get(name))).map(targets::get);
    }
}
