package org.quantado.host.kernel;

/** Where a work-item is in a {@link PhasedKernel}, and what its locals held when it came there; used by such kernels. */
public final class ItemState {
    /** The point of an item that has not begun. */
    public static final int BEGIN = 0;
    /** The point of an item that is done. */
    public static final int DONE = -1;

    /** The number of the barrier at which the item waits, from 1 on. */
    public int point;
    /** Numbers, by the local that holds them. */
    public final long[] numbers;
    /** Objects, by the local that holds them. */
    public final Object[] references;

    /** The state of an item whose kernel has so many locals. */
    public ItemState(int locals) {
        numbers = new long[locals];
        references = new Object[locals];
    }
}
