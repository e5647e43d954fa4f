package org.quantado.host.memory;

import uk.ac.manchester.tornado.api.common.Access;

/**
 * What the tasks of a graph do with an array.
 *
 * @param firstArgument
 *            where it is first used, for messages: {@code task t0 argument 2}
 * @param firstAccess
 *            what the first task that has it among its arguments does
 * @param isWritten
 *            whether any task writes it
 * @param isReduced
 *            whether a task's {@code @Reduce} argument is it
 */
public record ArrayUse(String firstArgument, Access firstAccess, boolean isWritten, boolean isReduced) {
    /** The use of an array by one argument of a task. */
    public static ArrayUse of(String argument, Access access, boolean isReduced) {
        return new ArrayUse(argument, access, access == Access.WRITE_ONLY || access == Access.READ_WRITE,
                isReduced);
    }

    /** This use followed by another. */
    public ArrayUse then(ArrayUse later) {
        return new ArrayUse(firstArgument, firstAccess, isWritten || later.isWritten,
                isReduced || later.isReduced);
    }

    /** This use and another by the same task. */
    public ArrayUse together(ArrayUse other) {
        Access both = Access.asArray()[firstAccess.position | other.firstAccess.position];
        return new ArrayUse(firstArgument, both, isWritten || other.isWritten, isReduced || other.isReduced);
    }
}
