package org.quantado.server.batch;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Slots that no request has. */
final class FreeSlots {
    private final List<Slot> free = new ArrayList<>();
    private long uses;

    FreeSlots(List<Slot> slots) {
        free.addAll(slots);
    }

    boolean isEmpty() {
        return free.isEmpty();
    }

    int size() {
        return free.size();
    }

    /** The slot that knows most of a prompt; of equal ones the one that was not used for longest. */
    Slot take(int... prompt) {
        Slot best = free.stream().max(Comparator.<Slot>comparingInt(slot -> slot.common(prompt))
                .thenComparing(Comparator.comparingLong(Slot::lastUse).reversed())).orElseThrow();
        free.remove(best);
        best.take(++uses, prompt);
        return best;
    }

    void giveBack(Slot slot) {
        free.add(slot);
    }
}
