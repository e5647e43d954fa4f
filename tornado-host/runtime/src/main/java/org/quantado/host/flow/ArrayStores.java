package org.quantado.host.flow;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
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
 *
 * <p>
 * Of an array's stores, the first one that stands behind a branch says which branch it is. TornadoVM meets them in an
 * order that its compiler's earlier phases leave behind, which need not be that of the code.
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

    /** What is done with an array, its stores met in the order of the code. */
    Access access(int parameter) {
        List<Store> own = stores(parameter);
        return access(parameter, own.stream().map(Store::at).flatMap(at -> nearestCounting(at).stream()).findFirst()
                .stream().anyMatch(decisive -> mayLeaveSomething(own, decisive)));
    }

    /** What is done with an array in any order: it only counts as read if it does whichever store comes first. */
    Access accessInAnyOrder(int parameter) {
        List<Store> own = stores(parameter);
        List<Branch> first = own.stream().map(Store::at).flatMap(at -> nearestCounting(at).stream()).distinct()
                .toList();
        return access(parameter,
                !first.isEmpty() && first.stream().allMatch(decisive -> mayLeaveSomething(own, decisive)));
    }

    private Access access(int parameter, boolean mayLeaveSomething) {
        boolean isWritten = Values.mayBe(written, parameter);
        boolean isRead = Values.mayBe(read, parameter) || (isWritten && mayLeaveSomething);
        return Access.asArray()[(isRead ? Access.READ_ONLY.position : 0)
                + (isWritten ? Access.WRITE_ONLY.position : 0)];
    }

    private List<Store> stores(int parameter) {
        return stores.values().stream().filter(s -> Values.mayBe(s.target, parameter)).toList();
    }

    private static boolean mayLeaveSomething(List<Store> stores, Branch decisive) {
        boolean behindJump = false;
        boolean behindNoJump = false;
        boolean reachesAll = false;
        for (Store store : stores) {
            Optional<Way> way = wayOut(decisive, store.at);
            behindJump |= way.isPresent() && way.get().jumps();
            behindNoJump |= way.isPresent() && !way.get().jumps();
            if (store.index.isPresent()) {
                reachesAll = store.isTakenToReachAll();
            }
        }
        return behindJump != behindNoJump && !reachesAll;
    }

    /** The nearest branch before a stretch that is not the test of a loop that counts by one. */
    private static Optional<Branch> nearestCounting(Stretch at) {
        return ways(at).flatMap(way -> way.branch().stream()).filter(branch -> !branch.countsByOne()).findFirst();
    }

    /** The way from a branch to a stretch, if the branch decides whether it is reached. */
    private static Optional<Way> wayOut(Branch decisive, Stretch at) {
        return ways(at).filter(way -> way.branch().filter(decisive::equals).isPresent()).findFirst();
    }

    /** The ways to a stretch, from the last one back to where paths meet. */
    private static Stream<Way> ways(Stretch at) {
        return Stream.iterate(at.onlyWay(), Optional::isPresent, way -> way.get().from().onlyWay())
                .map(Optional::orElseThrow);
    }

    private static Optional<Branch> nearestBranch(Stretch at) {
        return ways(at).flatMap(way -> way.branch().stream()).findFirst();
    }
}
