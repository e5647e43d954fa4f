package org.quantado.host.flow;

import java.util.List;

import uk.ac.manchester.tornado.api.common.Access;

/**
 * What running a kernel can do to its arguments and its work-group.
 *
 * @param access
 *            for each parameter, whether the array in it is read, written, both or neither
 * @param accessInAnyOrder
 *            the same, but an array that is copied to a device for what its stores may leave out counts as read only if it
 *            does so in whichever order TornadoVM's compiler meets them
 * @param reachesBarrier
 *            whether the kernel or a helper waits for the rest of the work-group
 * @param readsIds
 *            whether the kernel or a helper asks a KernelContext for ids, sizes or local memory
 * @param helpersUseContext
 *            whether a helper asks a KernelContext for ids or waits for the rest of the work-group
 * @param callsDevice
 *            whether the kernel does what only a device can: makes an AtomicInteger for all of its threads, or prints
 */
public record MethodUse(List<Access> access, List<Access> accessInAnyOrder, boolean reachesBarrier, boolean readsIds,
        boolean helpersUseContext,
        boolean callsDevice) {
    /** Copies the lists. */
    public MethodUse {
        access = List.copyOf(access);
        accessInAnyOrder = List.copyOf(accessInAnyOrder);
    }
}
