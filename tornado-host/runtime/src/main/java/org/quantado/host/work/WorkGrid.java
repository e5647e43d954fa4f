package org.quantado.host.work;

import java.util.Arrays;

import org.quantado.host.HostEngineException;
import uk.ac.manchester.tornado.api.WorkerGrid;

/**
 * The work-items of a task: how many there are in each of three dimensions, and how many of them form a work-group.
 *
 * @param globalX
 *            work-items in the first dimension, a multiple of {@code localX}
 * @param localX
 *            work-items of a group in the first dimension
 */
record WorkGrid(int globalX, int globalY, int globalZ, int localX, int localY, int localZ) {
    /** What every GPU that TornadoVM reaches allows. */
    static final int MAX_GROUP_SIZE = 1024;
    /** The grid of a KernelContext kernel for which none is given: one work-item. */
    static final WorkGrid SINGLE = new WorkGrid(1, 1, 1, 1, 1, 1);
    /** The longest edge of a group whose size is left to the engine. */
    private static final int[] CHOSEN_EDGE = {256, 4, 1};
    private static final int DIMENSIONS = 3;

    /** The grid that a user gave to a task, checked. */
    static WorkGrid of(String task, WorkerGrid grid) {
        long[] global = grid.getGlobalWork();
        long[] local = grid.getLocalWork() == null ? choose(global) : grid.getLocalWork();
        String found = "task " + task + ": WorkerGrid with global work " + Arrays.toString(global)
                + ", local work "
                + Arrays.toString(local) + ": ";
        long groupSize = 1;
        for (int d = 0; d < DIMENSIONS; d++) {
            if (global[d] < 1 || local[d] < 1 || global[d] > Integer.MAX_VALUE) {
                throw new HostEngineException(found + "expected sizes from 1 to " + Integer.MAX_VALUE);
            }
            if (global[d] % local[d] != 0) {
                throw new HostEngineException(found + "expected global work to be a multiple of local work");
            }
            groupSize *= local[d];
        }
        if (groupSize > MAX_GROUP_SIZE) {
            throw HostEngineException.notSupported(
                    found + "a group of more than " + MAX_GROUP_SIZE + " work-items, which few devices run,");
        }
        if (Arrays.stream(grid.getGlobalOffset()).anyMatch(offset -> offset != 0)) {
            throw HostEngineException.notSupported("WorkerGrid.setGlobalOffset (task " + task + ")");
        }
        return new WorkGrid((int) global[0], (int) global[1], (int) global[2], (int) local[0], (int) local[1],
                (int) local[2]);
    }

    private static long[] choose(long[] global) {
        long[] local = new long[DIMENSIONS];
        for (int d = 0; d < DIMENSIONS; d++) {
            local[d] = Math.max(1, Math.min(global[d], CHOSEN_EDGE[d]));
            while (global[d] % local[d] != 0) {
                local[d]--;
            }
        }
        return local;
    }

    int groupSize() {
        return localX * localY * localZ;
    }

    long groups() {
        return (long) groupsX() * groupsY() * groupsZ();
    }

    int groupsX() {
        return globalX / localX;
    }

    int groupsY() {
        return globalY / localY;
    }

    int groupsZ() {
        return globalZ / localZ;
    }
}
