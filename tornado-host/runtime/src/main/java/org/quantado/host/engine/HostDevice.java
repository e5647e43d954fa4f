package org.quantado.host.engine;

import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;

import com.sun.management.OperatingSystemMXBean;
import org.quantado.host.HostEngineException;
import org.quantado.host.HostOptions;
import org.quantado.host.work.TaskWork;
import uk.ac.manchester.tornado.api.TornadoDeviceContext;
import uk.ac.manchester.tornado.api.TornadoTargetDevice;
import uk.ac.manchester.tornado.api.common.Access;
import uk.ac.manchester.tornado.api.common.Event;
import uk.ac.manchester.tornado.api.common.TornadoDevice;
import uk.ac.manchester.tornado.api.enums.TornadoDeviceType;
import uk.ac.manchester.tornado.api.enums.TornadoVMBackendType;
import uk.ac.manchester.tornado.api.memory.DeviceBufferState;
import uk.ac.manchester.tornado.api.memory.TornadoMemoryProvider;

/** The JVM's own processors, as a device: it tells what it is, and leaves buffers and events to the graphs. */
final class HostDevice implements TornadoDevice, TornadoTargetDevice {
    /** The platform name by which the host engine's device is recognised. */
    static final String PLATFORM = "quantado-host";
    /** Local memory is heap; this is what portable kernels may count on. */
    private static final long LOCAL_MEMORY_BYTES = 48L * 1024;

    @Override
    public String getDeviceName() {
        return "Java host engine (" + HostOptions.threads() + " threads)";
    }

    @Override
    public String getDescription() {
        return getDeviceName() + ", Java " + Runtime.version().feature() + " on "
                + System.getProperty("os.arch");
    }

    @Override
    public String getPlatformName() {
        return PLATFORM;
    }

    @Override
    public TornadoTargetDevice getPhysicalDevice() {
        return this;
    }

    @Override
    public TornadoDeviceType getDeviceType() {
        return TornadoDeviceType.CPU;
    }

    @Override
    public TornadoVMBackendType getTornadoVMBackend() {
        return TornadoVMBackendType.JAVA;
    }

    @Override
    public long getMaxAllocMemory() {
        return getMaxGlobalMemory();
    }

    @Override
    public long getMaxGlobalMemory() {
        return ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getTotalMemorySize();
    }

    @Override
    public long getDeviceLocalMemorySize() {
        return LOCAL_MEMORY_BYTES;
    }

    @Override
    public long[] getDeviceMaxWorkgroupDimensions() {
        return new long[]{TaskWork.MAX_GROUP_SIZE, TaskWork.MAX_GROUP_SIZE, TaskWork.MAX_GROUP_SIZE};
    }

    @Override
    public String getDeviceOpenCLCVersion() {
        return "none";
    }

    @Override
    public String getDeviceInfo() {
        return getDescription();
    }

    @Override
    public int getBackendIndex() {
        return 0;
    }

    @Override
    public int getAvailableProcessors() {
        return HostOptions.threads();
    }

    @Override
    public boolean isSPIRVSupported() {
        return false;
    }

    @Override
    public String toString() {
        return getDeviceName();
    }

    /** A device's caches of compiled kernels; the arrays on it stay, as on TornadoVM. */
    @Override
    public void clean() {
        // kernels are cached by the classes that they are in
    }

    @Override
    public long getDeviceGlobalMemorySize() {
        return getMaxGlobalMemory();
    }

    @Override
    public int getDeviceMaxComputeUnits() {
        return HostOptions.threads();
    }

    @Override
    public long[] getDeviceMaxWorkItemSizes() {
        return getDeviceMaxWorkgroupDimensions();
    }

    @Override
    public long[] getDeviceMaxWorkGroupSize() {
        return new long[]{TaskWork.MAX_GROUP_SIZE};
    }

    @Override
    public int getMaxThreadsPerBlock() {
        return TaskWork.MAX_GROUP_SIZE;
    }

    @Override
    public int getDeviceMaxClockFrequency() {
        throw notSupported("getDeviceMaxClockFrequency");
    }

    @Override
    public long getDeviceMaxConstantBufferSize() {
        return getMaxGlobalMemory();
    }

    @Override
    public long getDeviceMaxAllocationSize() {
        return getMaxGlobalMemory();
    }

    @Override
    public TornadoDeviceContext getDeviceContext() {
        return new HostDeviceContext(this);
    }

    @Override
    public TornadoMemoryProvider getMemoryProvider() {
        throw notSupported("getMemoryProvider");
    }

    @Override
    public long allocate(Object object, long batchSize, DeviceBufferState state, Access access) {
        throw notSupported("allocate");
    }

    @Override
    public long allocateObjects(Object[] objects, long batchSize, DeviceBufferState[] states,
            Access[] accesses) {
        throw notSupported("allocateObjects");
    }

    @Override
    public long deallocate(DeviceBufferState state) {
        throw notSupported("deallocate");
    }

    @Override
    public List<Integer> ensurePresent(long planId, Object object, DeviceBufferState state, int[] events,
            long batchSize,
            long hostOffset) {
        throw notSupported("ensurePresent");
    }

    @Override
    public List<Integer> streamIn(long planId, Object object, long batchSize, long hostOffset,
            DeviceBufferState state,
            int[] events) {
        throw notSupported("streamIn");
    }

    @Override
    public int streamOut(long planId, Object object, long hostOffset, DeviceBufferState state, int[] events) {
        throw notSupported("streamOut");
    }

    @Override
    public int streamOutBlocking(long planId, Object object, long hostOffset, DeviceBufferState state,
            int[] events) {
        throw notSupported("streamOutBlocking");
    }

    @Override
    public Event resolveEvent(long planId, int event) {
        throw notSupported("resolveEvent");
    }

    @Override
    public void ensureLoaded(long planId) {
        throw notSupported("ensureLoaded");
    }

    @Override
    public void flushEvents(long planId) {
        throw notSupported("flushEvents");
    }

    @Override
    public int enqueueBarrier(long planId) {
        throw notSupported("enqueueBarrier");
    }

    @Override
    public int enqueueBarrier(long planId, int[] events) {
        throw notSupported("enqueueBarrier");
    }

    @Override
    public int enqueueMarker(long planId) {
        throw notSupported("enqueueMarker");
    }

    @Override
    public int enqueueMarker(long planId, int[] events) {
        throw notSupported("enqueueMarker");
    }

    @Override
    public void sync(long planId) {
        throw notSupported("sync");
    }

    @Override
    public void flush(long planId) {
        throw notSupported("flush");
    }

    @Override
    public void dumpEvents(long planId) {
        throw notSupported("dumpEvents");
    }

    @Override
    public Object getAtomic() {
        throw notSupported("getAtomic");
    }

    @Override
    @Deprecated
    public void setAtomicsMapping(ConcurrentHashMap<Object, Integer> mapping) {
        throw notSupported("setAtomicsMapping");
    }

    @Override
    public void mapDeviceRegion(long planId, Object destination, Object source,
            DeviceBufferState destinationState,
            DeviceBufferState sourceState, long offset) {
        throw notSupported("mapDeviceRegion");
    }

    private static HostEngineException notSupported(String method) {
        return HostEngineException.notSupported("TornadoDevice." + method);
    }
}
