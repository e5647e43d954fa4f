package org.quantado.host.kernel;

import java.util.List;

import uk.ac.manchester.tornado.api.common.Access;

/**
 * What running a method can do to its arguments and its work-group.
 *
 * @param access
 *            for each parameter, whether the array in it is read, written, both or neither
 * @param reachesBarrier
 *            whether the method or one that it calls waits for the rest of the work-group
 */
public record MethodUse(List<Access> access, boolean reachesBarrier) {
    /** Copies the list. */
    public MethodUse {
        access = List.copyOf(access);
    }
}
