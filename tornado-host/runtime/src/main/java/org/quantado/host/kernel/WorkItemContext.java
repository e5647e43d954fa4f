package org.quantado.host.kernel;

/** The KernelContext of a thread that runs work-items of one group after the other. */
public abstract class WorkItemContext extends AtomicContext {
    /** Makes this the context of the group's work-item {@code index}, the first dimension counting fastest. */
    public abstract void moveTo(int index);
}
