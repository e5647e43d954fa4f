package org.quantado.host.work;

import java.lang.invoke.MethodHandle;

import org.quantado.host.kernel.AtomicContext;
import org.quantado.host.kernel.DeviceAtomics;
import org.quantado.host.kernel.KernelMethod;
import org.quantado.host.kernel.LoopSlice;
import uk.ac.manchester.tornado.api.WorkerGrid;

/** The work of a task: runs its kernel on arrays that are already on the device. */
public final class TaskWork {
    /** The most work-items that a group may have: what every GPU that TornadoVM reaches allows. */
    public static final int MAX_GROUP_SIZE = WorkGrid.MAX_GROUP_SIZE;

    /** Slices of a loop per thread, so that threads that got quick ones take more. */
    private static final int SLICES_PER_THREAD = 8;

    private final String task;
    private final KernelMethod kernel;
    private final Pace pace = new Pace();

    /**
     * The work of a task.
     *
     * @param task
     *            graph and task, for messages
     */
    public TaskWork(String task, KernelMethod kernel) {
        this.task = task;
        this.kernel = kernel;
    }

    /**
     * Runs the kernel and returns when all of its work is done.
     *
     * @param grid
     *            the task's WorkerGrid, or null
     * @throws KernelFailure
     *             if the kernel throws
     */
    public void run(Object[] arguments, WorkerGrid grid, int threads, boolean strict) {
        WorkGrid workGrid = grid == null ? WorkGrid.SINGLE : WorkGrid.of(task, grid);
        if (kernel.takesContext() && !kernel.isParallel()) {
            new WorkGroups(kernel, arguments, workGrid, threads, strict).run(pace);
        } else {
            boolean isShared = kernel.isParallel() && !kernel.reduces();
            Object[] own = kernel.takesContext()
                    ? WorkGroups.withContext(arguments, new AtomicContext())
                    : arguments;
            runLoops(own, workGrid, isShared ? threads : 1);
        }
    }

    /** Iterations that a grid puts beside each other in a work-group run one after the other, as memory likes them. */
    private void runLoops(Object[] arguments, WorkGrid grid, int threads) {
        if (threads == 1 && kernel.runsAsCompiled()) {
            runWhole(arguments);
            return;
        }
        int slices = threads == 1 ? 1 : threads * SLICES_PER_THREAD;
        MethodHandle sliced = grid.localX() > grid.localY() ? kernel.slicedAcross() : kernel.sliced();
        DeviceAtomics atomics = new DeviceAtomics();
        Cores.forEach(slices, threads, pace,
                slice -> runSlice(sliced, arguments, new LoopSlice(slice, slices), atomics));
    }

    private static void runSlice(MethodHandle sliced, Object[] arguments, LoopSlice slice,
            DeviceAtomics atomics) {
        try {
            sliced.invokeExact(arguments, slice, atomics);
        } catch (Throwable e) {
            throw new KernelFailure(slice.describe(), e);
        }
    }

    private void runWhole(Object[] arguments) {
        try {
            kernel.whole().invokeExact(arguments);
        } catch (Throwable e) {
            throw new KernelFailure("its only run", e);
        }
    }
}
