package org.quantado.host.kernel;

import uk.ac.manchester.tornado.api.KernelContext;

/** The KernelContext of a thread that runs work-items of one group after the other. */
public abstract class WorkItemContext extends KernelContext {
    /** Makes this the context of the group's work-item {@code index}, the first dimension counting fastest. */
    public abstract void moveTo(int index);
}
