package org.quantado.schemes.cluster;

import java.io.Serializable;

/**
 * What came of a task.
 *
 * @param task its number among those that were given
 * @param value what it gave
 * @param worker the process that did it, with the name of its machine
 * @param nanos how long it took there, the making of the place left out
 */
public record TaskResult<R extends Serializable>(int task, R value, String worker, long nanos)
        implements
            Serializable {
}
