package org.quantado.cli.engine;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

import com.fasterxml.jackson.annotation.JsonIgnore;

import uk.ac.manchester.tornado.api.TornadoBackend;
import uk.ac.manchester.tornado.api.TornadoRuntime;
import uk.ac.manchester.tornado.api.common.TornadoDevice;

/**
 * A device of the engine.
 *
 * @param id backend and device, as {@code --device} takes them
 * @param name what it calls itself
 * @param type CPU, GPU, ...
 * @param backend what compiles for it
 * @param platform whose driver it is
 * @param globalMemoryBytes memory of the device
 * @param localMemoryBytes memory that a work-group shares
 * @param maxWorkGroupSize work-items in a work-group at most
 * @param maxWorkGroupDimensions of them along each dimension
 * @param computeUnits processors
 * @param device itself
 */
public record DeviceInfo(String id, String name, String type, String backend, String platform, long globalMemoryBytes,
        long localMemoryBytes, int maxWorkGroupSize, List<Long> maxWorkGroupDimensions, int computeUnits,
        @JsonIgnore TornadoDevice device) {

    /** All devices, in the order of their ids. */
    public static List<DeviceInfo> all(TornadoRuntime runtime) {
        List<DeviceInfo> devices = new ArrayList<>();
        for (int b = 0; b < runtime.getNumBackends(); b++) {
            TornadoBackend backend = runtime.getBackend(b);
            for (int d = 0; d < backend.getNumDevices(); d++) {
                devices.add(of(b + ":" + d, backend, backend.getDevice(d)));
            }
        }
        return devices;
    }

    private static DeviceInfo of(String id, TornadoBackend backend, TornadoDevice device) {
        return new DeviceInfo(id, device.getPhysicalDevice().getDeviceName(), device.getDeviceType().name(),
                backend.getName(), device.getPlatformName(), device.getMaxGlobalMemory(),
                device.getDeviceLocalMemorySize(), device.getPhysicalDevice().getMaxThreadsPerBlock(),
                Arrays.stream(device.getDeviceMaxWorkgroupDimensions()).boxed().toList(),
                device.getPhysicalDevice().getDeviceMaxComputeUnits(), device);
    }

    /** Runtimes make a new object each time they are asked for a device. */
    boolean is(TornadoDevice other) {
        return device.getTornadoVMBackend() == other.getTornadoVMBackend()
                && device.getDeviceName().equals(other.getDeviceName());
    }
}
