package org.quantado.host.work;

import java.util.Arrays;

import org.quantado.host.kernel.WorkItemContext;

/** The KernelContext that a kernel is given: the ids of one work-item, and what it shares with its group. */
final class WorkItem extends WorkItemContext {
    private final WorkGroup group;
    private final WorkGrid grid;
    private final boolean boxed;
    /** How many local arrays each item of the group has got. */
    private final int[] allocations;
    private int index;
    private int localX;
    private int localY;
    private int localZ;
    private int globalX;
    private int globalY;
    private int globalZ;

    /**
     * The context of a group's items.
     *
     * @param boxed
     *            whether the fields of KernelContext are read, in methods that run as they were compiled
     */
    WorkItem(WorkGroup group, boolean boxed) {
        this.group = group;
        this.grid = group.grid();
        this.boxed = boxed;
        this.allocations = new int[grid.groupSize()];
        if (boxed) {
            BoxedIds.setSizes(this, grid);
        }
    }

    /** Begins with the group as it is now. */
    void beginGroup() {
        Arrays.fill(allocations, 0);
        globalX = group.x() * grid.localX();
        globalY = group.y() * grid.localY();
        globalZ = group.z() * grid.localZ();
        if (boxed) {
            BoxedIds.setGroup(this, group);
        }
    }

    @Override
    public void moveTo(int item) {
        index = item;
        int rest = item / grid.localX();
        localX = item - rest * grid.localX();
        localZ = rest / grid.localY();
        localY = rest - localZ * grid.localY();
        if (boxed) {
            BoxedIds.setItem(this);
        }
    }

    /** The work-item's ids, for messages. */
    String describe() {
        return "work-item global (" + globalIdx() + ", " + globalIdy() + ", " + globalIdz() + ") local (" + localX
                + ", " + localY + ", " + localZ + ") of group (" + groupIdx() + ", " + groupIdy() + ", "
                + groupIdz() + ")";
    }

    @Override
    public int globalIdx() {
        return globalX + localX;
    }

    @Override
    public int globalIdy() {
        return globalY + localY;
    }

    @Override
    public int globalIdz() {
        return globalZ + localZ;
    }

    @Override
    public int groupIdx() {
        return group.x();
    }

    @Override
    public int groupIdy() {
        return group.y();
    }

    @Override
    public int groupIdz() {
        return group.z();
    }

    @Override
    public int localIdx() {
        return localX;
    }

    @Override
    public int localIdy() {
        return localY;
    }

    @Override
    public int localIdz() {
        return localZ;
    }

    @Override
    public int globalGroupSizeX() {
        return grid.globalX();
    }

    @Override
    public int globalGroupSizeY() {
        return grid.globalY();
    }

    @Override
    public int globalGroupSizeZ() {
        return grid.globalZ();
    }

    @Override
    public int localGroupSizeX() {
        return grid.localX();
    }

    @Override
    public int localGroupSizeY() {
        return grid.localY();
    }

    @Override
    public int localGroupSizeZ() {
        return grid.localZ();
    }

    @Override
    public void localBarrier() {
        group.barrier().await();
    }

    @Override
    public void globalBarrier() {
        group.barrier().await();
    }

    @Override
    public int[] allocateIntLocalArray(int size) {
        return (int[]) group.localArray(allocations[index]++, int.class, size);
    }

    @Override
    public long[] allocateLongLocalArray(int size) {
        return (long[]) group.localArray(allocations[index]++, long.class, size);
    }

    @Override
    public float[] allocateFloatLocalArray(int size) {
        return (float[]) group.localArray(allocations[index]++, float.class, size);
    }

    @Override
    public double[] allocateDoubleLocalArray(int size) {
        return (double[]) group.localArray(allocations[index]++, double.class, size);
    }
}
