package org.quantado.host.work;

import java.util.Arrays;
import java.util.stream.IntStream;

import org.quantado.host.HostEngineException;
import org.quantado.host.kernel.DeviceAtomics;
import org.quantado.host.kernel.ItemState;
import org.quantado.host.kernel.KernelMethod.PhasedVersion;
import org.quantado.host.kernel.WorkItemContext;

/** Runs work-groups on the calling thread: all items to their first barrier, then all to the next, until they are done. */
final class PhasedGroup {
    private final PhasedVersion kernel;
    private final ItemState[] states;

    PhasedGroup(PhasedVersion kernel, int items) {
        this.kernel = kernel;
        this.states = IntStream.range(0, items).mapToObj(_ -> new ItemState(kernel.locals())).toArray(ItemState[]::new);
    }

    void run(Object[] arguments, WorkItem item, DeviceAtomics atomics) throws Throwable {
        for (ItemState state : states) {
            state.point = ItemState.BEGIN;
        }
        long done;
        do {
            kernel.phase().invokeExact(arguments, (WorkItemContext) item, atomics, states);
            done = Arrays.stream(states).filter(s -> s.point == ItemState.DONE).count();
            if (done > 0 && done < states.length) {
                throw new HostEngineException(
                        "a barrier is reached by " + (states.length - done) + " of the group's " + states.length
                                + " work-items, the others are done without it");
            }
        } while (done == 0);
    }
}
