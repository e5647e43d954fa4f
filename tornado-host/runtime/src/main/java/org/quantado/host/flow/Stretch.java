package org.quantado.host.flow;

import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;

/**
 * Instructions of a kernel that run one after the other, and the ways that lead to them. Paths meet at a stretch to which
 * more than one way leads.
 */
final class Stretch {
    private final Set<Way> ways = new LinkedHashSet<>();
    private boolean touchesMemory;

    /**
     * A conditional branch.
     *
     * @param end
     *            the stretch that it ends
     * @param countsByOne
     *            whether it is the test of a {@code @Parallel} loop whose step is 1
     */
    record Branch(Stretch end, boolean countsByOne) {
    }

    /**
     * How one stretch follows another.
     *
     * @param branch
     *            the branch that decides it; empty if the way is always taken
     * @param jumps
     *            whether it is the branch's jump, not the instruction after it
     * @param leavesLoop
     *            whether it is the end of a loop that has the branch in it
     */
    record Way(Stretch from, Optional<Branch> branch, boolean jumps, boolean leavesLoop) {
        static Way always(Stretch from) {
            return new Way(from, Optional.empty(), false, false);
        }
    }

    void add(Way way) {
        ways.add(way);
    }

    /** The way to here; empty at a kernel's begin and where paths meet. */
    Optional<Way> onlyWay() {
        return ways.size() == 1 ? Optional.of(ways.iterator().next()) : Optional.empty();
    }

    boolean isReached() {
        return !ways.isEmpty();
    }

    void touchMemory() {
        touchesMemory = true;
    }

    /** Whether nothing but arithmetic is done since a branch inside all loops led here. */
    boolean onlyComputesSinceABranch() {
        Stretch at = this;
        while (!at.touchesMemory) {
            Optional<Way> way = at.onlyWay();
            if (way.isEmpty() || way.get().branch().isPresent()) {
                return way.isPresent() && !way.get().leavesLoop();
            }
            at = way.get().from();
        }
        return false;
    }
}
