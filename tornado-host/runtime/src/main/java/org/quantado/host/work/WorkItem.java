package org.quantado.host.work;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.reflect.Field;

import org.quantado.host.HostEngineException;
import org.quantado.host.kernel.WorkItemContext;
import uk.ac.manchester.tornado.api.KernelContext;

/** The KernelContext that a kernel is given: the ids of one work-item, and what it shares with its group. */
final class WorkItem extends WorkItemContext {
    private static final MethodHandle GLOBAL_X = setter("globalIdx");
    private static final MethodHandle GLOBAL_Y = setter("globalIdy");
    private static final MethodHandle GLOBAL_Z = setter("globalIdz");
    private static final MethodHandle GROUP_X = setter("groupIdx");
    private static final MethodHandle GROUP_Y = setter("groupIdy");
    private static final MethodHandle GROUP_Z = setter("groupIdz");
    private static final MethodHandle LOCAL_X = setter("localIdx");
    private static final MethodHandle LOCAL_Y = setter("localIdy");
    private static final MethodHandle LOCAL_Z = setter("localIdz");

    private final WorkGroup group;
    private int localAllocations;

    WorkItem(WorkGroup group) {
        this.group = group;
        WorkGrid grid = group.grid();
        set(setter("globalGroupSizeX"), grid.globalX());
        set(setter("globalGroupSizeY"), grid.globalY());
        set(setter("globalGroupSizeZ"), grid.globalZ());
        set(setter("localGroupSizeX"), grid.localX());
        set(setter("localGroupSizeY"), grid.localY());
        set(setter("localGroupSizeZ"), grid.localZ());
    }

    @Override
    public void moveTo(int index) {
        WorkGrid grid = group.grid();
        int rest = index / grid.localX();
        int x = index - rest * grid.localX();
        int z = rest / grid.localY();
        int y = rest - z * grid.localY();
        localAllocations = 0;
        try {
            GROUP_X.invokeExact((KernelContext) this, (Integer) group.x());
            GROUP_Y.invokeExact((KernelContext) this, (Integer) group.y());
            GROUP_Z.invokeExact((KernelContext) this, (Integer) group.z());
            LOCAL_X.invokeExact((KernelContext) this, (Integer) x);
            LOCAL_Y.invokeExact((KernelContext) this, (Integer) y);
            LOCAL_Z.invokeExact((KernelContext) this, (Integer) z);
            GLOBAL_X.invokeExact((KernelContext) this, (Integer) (group.x() * grid.localX() + x));
            GLOBAL_Y.invokeExact((KernelContext) this, (Integer) (group.y() * grid.localY() + y));
            GLOBAL_Z.invokeExact((KernelContext) this, (Integer) (group.z() * grid.localZ() + z));
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
    }

    /** The work-item's ids, for messages. */
    String describe() {
        return "work-item global (" + globalIdx + ", " + globalIdy + ", " + globalIdz + ") local (" + localIdx
                + ", "
                + localIdy + ", " + localIdz + ") of group (" + groupIdx + ", " + groupIdy + ", " + groupIdz
                + ")";
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
        return (int[]) group.localArray(localAllocations++, int.class, size);
    }

    @Override
    public long[] allocateLongLocalArray(int size) {
        return (long[]) group.localArray(localAllocations++, long.class, size);
    }

    @Override
    public float[] allocateFloatLocalArray(int size) {
        return (float[]) group.localArray(localAllocations++, float.class, size);
    }

    @Override
    public double[] allocateDoubleLocalArray(int size) {
        return (double[]) group.localArray(localAllocations++, double.class, size);
    }

    /** The ids are final fields of the API's class; a handle made by reflection may set them. */
    private static MethodHandle setter(String field) {
        try {
            Field id = KernelContext.class.getField(field);
            id.setAccessible(true);
            return MethodHandles.lookup().unreflectSetter(id);
        } catch (ReflectiveOperationException e) {
            throw new HostEngineException("KernelContext." + field + " cannot be set", e);
        }
    }

    private void set(MethodHandle setter, Integer value) {
        try {
            setter.invokeExact((KernelContext) this, value);
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
    }
}
