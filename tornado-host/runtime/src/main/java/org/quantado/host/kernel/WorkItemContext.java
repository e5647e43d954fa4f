package org.quantado.host.kernel;

/**
 * The KernelContext of a thread that runs work-items of one group after the other. Versions of kernels that the engine
 * makes ask it for ids through the methods named as the fields of KernelContext, whose values are objects.
 */
public abstract class WorkItemContext extends AtomicContext {
    /** Makes this the context of the group's work-item {@code index}, the first dimension counting fastest. */
    public abstract void moveTo(int index);

    /** The value of the field of this name. */
    public abstract int globalIdx();

    /** The value of the field of this name. */
    public abstract int globalIdy();

    /** The value of the field of this name. */
    public abstract int globalIdz();

    /** The value of the field of this name. */
    public abstract int groupIdx();

    /** The value of the field of this name. */
    public abstract int groupIdy();

    /** The value of the field of this name. */
    public abstract int groupIdz();

    /** The value of the field of this name. */
    public abstract int localIdx();

    /** The value of the field of this name. */
    public abstract int localIdy();

    /** The value of the field of this name. */
    public abstract int localIdz();

    /** The value of the field of this name. */
    public abstract int globalGroupSizeX();

    /** The value of the field of this name. */
    public abstract int globalGroupSizeY();

    /** The value of the field of this name. */
    public abstract int globalGroupSizeZ();

    /** The value of the field of this name. */
    public abstract int localGroupSizeX();

    /** The value of the field of this name. */
    public abstract int localGroupSizeY();

    /** The value of the field of this name. */
    public abstract int localGroupSizeZ();
}
