package org.quantado.host.flow;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.quantado.host.flow.Stretch.Branch;
import org.quantado.host.flow.Stretch.Way;
import uk.ac.manchester.tornado.api.common.Access;

/**
 * What a kernel reads and writes, and TornadoVM's rule for arrays of which it may leave something unwritten: those are
 * copied to the device although no instruction reads them.
 *
 * <p>
 * The rule looks at the branch nearest before a store, back to where paths meet; the test of a {@code @Parallel} loop
 * that counts by one is none. If stores stand on one side of that branch only, the array counts as read too. A store into
 * a Java array is taken to reach all of it, whatever branches there are, if its index is computed from such a loop's
 * variable, unless it stands right behind a branch. This is the rule of TornadoVM's TornadoDataflowAnalysis, with what
 * it overlooks.
 */
final class ArrayStores {
    private final Map<CodePath, Store> stores = new TreeMap<>();
    private long read;
    private long written;

    /**
     * A store instruction.
     *
     * @param target
     *            the arrays that it may store to
     * @param index
     *            for a Java array, what its index is; empty for others
     */
    private record Store(long target, Stretch at, Optional<Long> index) {
        boolean isTakenToReachAll() {
            boolean inABranch = nearestBranch(at).map(b -> b.end().onlyComputesSinceABranch()).orElse(false);
            return !inABranch && index.filter(i -> Values.number(i) != Values.NOTHING).isPresent();
        }
    }

    void read(long value) {
        read |= Values.parameters(value);
    }

    /** A value that gets out of sight counts as read and written. */
    void outOfSight(long value) {
        read(value);
        written |= Values.parameters(value);
    }

    void write(CodePath instruction, long target, Stretch at, Optional<Long> index) {
        written |= Values.parameters(target);
        stores.merge(instruction, new Store(target, at, index), (before, now) -> new Store(
                before.target | now.target, at, now.index.map(i -> i | before.index.orElseThrow())));
    }

    Access access(int parameter) {
        boolean isWritten = Values.mayBe(written, parameter);
        boolean isRead = Values.mayBe(read, parameter) || (isWritten && mayLeaveSomething(parameter));
        return Access.asArray()[(isRead ? Access.READ_ONLY.position : 0)
                + (isWritten ? Access.WRITE_ONLY.position : 0)];
    }

    private boolean mayLeaveSomething(int parameter) {
        List<Store> own = new ArrayList<>(stores.values());
        own.removeIf(s -> !Values.mayBe(s.target, parameter));
        Optional<Branch> decisive = Optional.empty();
        boolean behindJump = false;
        boolean behindNoJump = false;
        boolean reachesAll = false;
        for (Store store : own) {
            Optional<Way> way = decidingWay(store.at, decisive);
            if (way.isPresent()) {
                decisive = way.get().branch();
                behindJump |= way.get().jumps();
                behindNoJump |= !way.get().jumps();
            }
            if (store.index.isPresent()) {
                reachesAll = store.isTakenToReachAll();
            }
        }
        return behindJump != behindNoJump && !reachesAll;
    }

    /** The way out of the nearest branch that counts: once one has, no other does. */
    private static Optional<Way> decidingWay(Stretch at, Optional<Branch> decisive) {
        Optional<Way> way = at.onlyWay();
        while (way.isPresent()) {
            Optional<Branch> branch = way.get().branch();
            if (branch.isPresent() && !branch.get().countsByOne()
                    && (decisive.isEmpty() || decisive.equals(branch))) {
                return way;
            }
            way = way.get().from().onlyWay();
        }
        return Optional.empty();
    }

    private static Optional<Branch> nearestBranch(Stretch at) {
        Optional<Way> way = at.onlyWay();
        while (way.isPresent() && way.get().branch().isEmpty()) {
            way = way.get().from().onlyWay();
        }
        return way.flatMap(Way::branch);
    }
}
