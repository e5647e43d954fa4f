package org.quantado.host.engine;

import java.util.Set;

import org.quantado.host.HostEngineException;
import uk.ac.manchester.tornado.api.TornadoDeviceContext;
import uk.ac.manchester.tornado.api.TornadoTargetDevice;
import uk.ac.manchester.tornado.api.common.SchedulableTask;
import uk.ac.manchester.tornado.api.memory.TornadoMemoryProvider;

/** What the API tells of a device beside the device: here there is only its memory, which is the machine's. */
record HostDeviceContext(HostDevice device) implements TornadoDeviceContext {
    @Override
    public TornadoTargetDevice getDevice() {
        return device;
    }

    @Override
    public TornadoMemoryProvider getMemoryManager() {
        return device::getMaxGlobalMemory;
    }

    @Override
    public boolean wasReset() {
        return false;
    }

    @Override
    public void reset(long planId) {
        throw HostEngineException.notSupported("TornadoDeviceContext.reset");
    }

    @Override
    public void setResetToFalse() {
        // it is never reset
    }

    @Override
    public boolean isPlatformFPGA() {
        return false;
    }

    @Override
    public boolean isPlatformXilinxFPGA() {
        return false;
    }

    @Override
    public boolean isFP64Supported() {
        return true;
    }

    @Override
    public boolean isCached(long planId, String entry, SchedulableTask task) {
        throw HostEngineException.notSupported("TornadoDeviceContext.isCached");
    }

    @Override
    public int getDeviceIndex() {
        return 0;
    }

    @Override
    public int getDevicePlatform() {
        return 0;
    }

    @Override
    public String getDeviceName() {
        return device.getDeviceName();
    }

    @Override
    public int getDriverIndex() {
        return 0;
    }

    @Override
    public Set<Long> getRegisteredPlanIds() {
        throw HostEngineException.notSupported("TornadoDeviceContext.getRegisteredPlanIds");
    }
}
