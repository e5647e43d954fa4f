package org.quantado.host.engine;

import java.util.List;

import uk.ac.manchester.tornado.api.TornadoBackend;
import uk.ac.manchester.tornado.api.common.TornadoDevice;
import uk.ac.manchester.tornado.api.enums.TornadoDeviceType;
import uk.ac.manchester.tornado.api.enums.TornadoVMBackendType;
import uk.ac.manchester.tornado.api.exceptions.TornadoDeviceNotFound;

/** The host engine as a backend: kernels stay Java, and there is one device. */
final class HostBackend implements TornadoBackend {
    private final HostDevice device = new HostDevice();

    @Override
    public TornadoDevice getDefaultDevice() {
        return device;
    }

    @Override
    public void setDefaultDevice(int index) {
        requireOnly(index);
    }

    @Override
    public int getNumDevices() {
        return 1;
    }

    @Override
    public TornadoDevice getDevice(int index) {
        requireOnly(index);
        return device;
    }

    @Override
    public List<TornadoDevice> getAllDevices() {
        return List.of(device);
    }

    @Override
    public TornadoDeviceType getTypeDefaultDevice() {
        return device.getDeviceType();
    }

    @Override
    public String getName() {
        return HostDevice.PLATFORM;
    }

    @Override
    public int getNumPlatforms() {
        return 1;
    }

    @Override
    public TornadoVMBackendType getBackendType() {
        return device.getTornadoVMBackend();
    }

    private static void requireOnly(int index) {
        if (index != 0) {
            throw new TornadoDeviceNotFound("no device " + index + ": the host engine has one, device 0");
        }
    }
}
