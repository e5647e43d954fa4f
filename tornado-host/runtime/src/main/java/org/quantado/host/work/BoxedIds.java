package org.quantado.host.work;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.reflect.Field;

import org.quantado.host.HostEngineException;
import uk.ac.manchester.tornado.api.KernelContext;

/**
 * The ids in a KernelContext's own fields, for code that the engine runs as it was compiled. The fields are final and
 * hold objects; handles made by reflection may set them.
 */
final class BoxedIds {
    private static final MethodHandle GLOBAL_X = setter("globalIdx");
    private static final MethodHandle GLOBAL_Y = setter("globalIdy");
    private static final MethodHandle GLOBAL_Z = setter("globalIdz");
    private static final MethodHandle GROUP_X = setter("groupIdx");
    private static final MethodHandle GROUP_Y = setter("groupIdy");
    private static final MethodHandle GROUP_Z = setter("groupIdz");
    private static final MethodHandle LOCAL_X = setter("localIdx");
    private static final MethodHandle LOCAL_Y = setter("localIdy");
    private static final MethodHandle LOCAL_Z = setter("localIdz");

    private BoxedIds() {
    }

    /** Sets the sizes, which are the same for all items of a grid. */
    static void setSizes(KernelContext context, WorkGrid grid) {
        set(setter("globalGroupSizeX"), context, grid.globalX());
        set(setter("globalGroupSizeY"), context, grid.globalY());
        set(setter("globalGroupSizeZ"), context, grid.globalZ());
        set(setter("localGroupSizeX"), context, grid.localX());
        set(setter("localGroupSizeY"), context, grid.localY());
        set(setter("localGroupSizeZ"), context, grid.localZ());
    }

    /** Sets what changes with the group. */
    static void setGroup(KernelContext context, WorkGroup group) {
        set(GROUP_X, context, group.x());
        set(GROUP_Y, context, group.y());
        set(GROUP_Z, context, group.z());
    }

    /** Sets what changes with the item. */
    static void setItem(WorkItem item) {
        set(LOCAL_X, item, item.localIdx());
        set(LOCAL_Y, item, item.localIdy());
        set(LOCAL_Z, item, item.localIdz());
        set(GLOBAL_X, item, item.globalIdx());
        set(GLOBAL_Y, item, item.globalIdy());
        set(GLOBAL_Z, item, item.globalIdz());
    }

    private static MethodHandle setter(String field) {
        try {
            Field id = KernelContext.class.getField(field);
            id.setAccessible(true);
            return MethodHandles.lookup().unreflectSetter(id);
        } catch (ReflectiveOperationException e) {
            throw new HostEngineException("KernelContext." + field + " cannot be set", e);
        }
    }

    private static void set(MethodHandle setter, KernelContext context, Integer value) {
        try {
            setter.invokeExact(context, value);
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
    }
}
