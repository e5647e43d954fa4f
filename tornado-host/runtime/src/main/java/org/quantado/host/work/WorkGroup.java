package org.quantado.host.work;

import java.lang.foreign.MemorySegment;
import java.lang.reflect.Array;
import java.util.ArrayList;
import java.util.List;

import org.quantado.host.HostEngineException;

/** What the work-items of a group share: its place in the grid, local memory, and the barrier. */
final class WorkGroup {
    private static final byte NEVER_WRITTEN = (byte) 0xFF;

    private final WorkGrid grid;
    private final GroupBarrier barrier;
    private final boolean strict;
    private final List<Object> localArrays = new ArrayList<>();
    private int x;
    private int y;
    private int z;

    WorkGroup(WorkGrid grid, GroupBarrier barrier, boolean strict) {
        this.grid = grid;
        this.barrier = barrier;
        this.strict = strict;
    }

    /** Makes this the group number {@code index}; what is in local memory then is left over, or NaN in strict mode. */
    void moveTo(long index) {
        x = (int) (index % grid.groupsX());
        y = (int) (index / grid.groupsX() % grid.groupsY());
        z = (int) (index / grid.groupsX() / grid.groupsY());
        if (strict) {
            localArrays.forEach(WorkGroup::forget);
        }
    }

    WorkGrid grid() {
        return grid;
    }

    GroupBarrier barrier() {
        return barrier;
    }

    int x() {
        return x;
    }

    int y() {
        return y;
    }

    int z() {
        return z;
    }

    /** The array that a work-item gets from its allocation number {@code order}: the same for all of the group. */
    synchronized Object localArray(int order, Class<?> elementType, int size) {
        if (order == localArrays.size()) {
            Object array = Array.newInstance(elementType, size);
            if (strict) {
                forget(array);
            }
            localArrays.add(array);
        }
        Object array = localArrays.get(order);
        if (array.getClass().componentType() != elementType || Array.getLength(array) != size) {
            throw new HostEngineException("work-items of one group allocate different local arrays: "
                    + array.getClass().componentType() + "[" + Array.getLength(array) + "] and " + elementType
                    + "["
                    + size + "]");
        }
        return array;
    }

    private static void forget(Object array) {
        MemorySegment elements = switch (array) {
            case int[] a -> MemorySegment.ofArray(a);
            case long[] a -> MemorySegment.ofArray(a);
            case float[] a -> MemorySegment.ofArray(a);
            default -> MemorySegment.ofArray((double[]) array);
        };
        elements.fill(NEVER_WRITTEN);
    }
}
