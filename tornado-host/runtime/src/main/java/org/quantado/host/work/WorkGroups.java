package org.quantado.host.work;

import java.lang.invoke.MethodHandle;
import java.util.Arrays;
import java.util.Optional;

import org.quantado.host.kernel.DeviceAtomics;
import org.quantado.host.kernel.KernelMethod;
import org.quantado.host.kernel.KernelMethod.PhasedVersion;
import org.quantado.host.kernel.WorkItemContext;
import uk.ac.manchester.tornado.api.KernelContext;

/**
 * Runs a KernelContext kernel over a grid, work-group by work-group. A thread runs the items of a group one after the
 * other, from barrier to barrier; only where a helper has barriers, every item of a group is a thread.
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

    void run(Pace pace) {
        boolean waits = kernel.use().reachesBarrier() && grid.groupSize() > 1;
        Optional<PhasedVersion> phased = waits ? kernel.phased() : Optional.empty();
        if (waits && phased.isEmpty()) {
            new WorkGroupTeams(kernel, arguments, grid, strict).run((int) Math.min(threads, grid.groups()));
            return;
        }
        int blocks = (int) Math.min(grid.groups(), (long) threads * BLOCKS_PER_THREAD);
        DeviceAtomics atomics = new DeviceAtomics();
        Cores.forEach(blocks, threads, pace, block -> {
            if (waits) {
                PhasedGroup together = new PhasedGroup(phased.get(), grid.groupSize());
                runBlock(block, blocks, false, item -> together.run(arguments, item, atomics));
            } else {
                boolean asCompiled = threads == 1 && kernel.runsAsCompiled();
                MethodHandle items = asCompiled ? kernel.workItemsAsCompiled() : kernel.workItems();
                runBlock(block, blocks, asCompiled || kernel.use().helpersUseContext(), item -> {
                    items.invokeExact(arguments, (WorkItemContext) item, grid.groupSize(), atomics);
                });
            }
        });
    }

    /** Runs a group that a context is at the begin of. */
    private interface GroupRunner {
        void run(WorkItem item) throws Throwable;
    }

    private void runBlock(int block, int blocks, boolean boxed, GroupRunner runner) {
        WorkGroup group = new WorkGroup(grid, grid.groupSize() == 1 ? new GroupBarrier(1) : null, strict);
        WorkItem item = new WorkItem(group, boxed);
        try {
            long end = grid.groups() * (block + 1) / blocks;
            for (long g = grid.groups() * block / blocks; g < end; g++) {
                group.moveTo(g);
                item.beginGroup();
                runner.run(item);
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
