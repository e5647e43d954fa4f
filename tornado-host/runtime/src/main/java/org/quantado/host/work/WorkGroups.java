package org.quantado.host.work;

import java.lang.invoke.MethodHandle;
import java.util.Arrays;

import org.quantado.host.kernel.DeviceAtomics;
import org.quantado.host.kernel.KernelMethod;
import org.quantado.host.kernel.WorkItemContext;
import uk.ac.manchester.tornado.api.KernelContext;

/**
 * Runs a KernelContext kernel over a grid, work-group by work-group. Where no work-item ever waits for another, a thread
 * runs the items of a group one after the other; else every item of a group is a thread.
 */
final class WorkGroups {
    /** Blocks of groups per thread, so that threads that got quick ones take more. */
    private static final int BLOCKS_PER_THREAD = 16;

    private final KernelMethod kernel;
    private final Object[] arguments;
    private final WorkGrid grid;
    private final int threads;
    private final boolean strict;

    WorkGroups(KernelMethod kernel, Object[] arguments, WorkGrid grid, int threads, boolean strict) {
        this.kernel = kernel;
        this.arguments = arguments;
        this.grid = grid;
        this.threads = threads;
        this.strict = strict;
    }

    void run() {
        if (kernel.use().reachesBarrier() && grid.groupSize() > 1) {
            new WorkGroupTeams(kernel, arguments, grid, strict).run((int) Math.min(threads, grid.groups()));
        } else {
            int blocks = (int) Math.min(grid.groups(), (long) threads * BLOCKS_PER_THREAD);
            MethodHandle workItems = kernel.workItems();
            DeviceAtomics atomics = new DeviceAtomics();
            Cores.forEach(blocks, threads, block -> runBlock(workItems, block, blocks, atomics));
        }
    }

    private void runBlock(MethodHandle workItems, int block, int blocks, DeviceAtomics atomics) {
        WorkGroup group = new WorkGroup(grid, grid.groupSize() == 1 ? new GroupBarrier(1) : null, strict);
        WorkItem item = new WorkItem(group);
        try {
            long end = grid.groups() * (block + 1) / blocks;
            for (long g = grid.groups() * block / blocks; g < end; g++) {
                group.moveTo(g);
                workItems.invokeExact(arguments, (WorkItemContext) item, grid.groupSize(), atomics);
            }
        } catch (Throwable e) {
            throw new KernelFailure(item.describe(), e);
        }
    }

    /** The arguments with {@code item} in the place of the task's KernelContext. */
    static Object[] withContext(Object[] arguments, KernelContext item) {
        return Arrays.stream(arguments).map(a -> a instanceof KernelContext ? item : a).toArray();
    }
}
