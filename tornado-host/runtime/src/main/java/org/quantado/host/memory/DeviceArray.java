package org.quantado.host.memory;

import java.lang.foreign.MemorySegment;

/**
 * The device's side of one of the user's arrays: usually a copy of its own, or the user's array itself where that
 * cannot be told apart.
 */
public final class DeviceArray {
    /** Every float format reads it as NaN, an int as -1: an index out of any array. */
    private static final byte NEVER_WRITTEN = (byte) 0xFF;

    private final Object hostArray;
    private Object deviceArray;

    private DeviceArray(Object hostArray, Object deviceArray) {
        this.hostArray = hostArray;
        this.deviceArray = deviceArray;
    }

    /** Memory for {@code hostArray} with nothing of its content. */
    static DeviceArray allocate(Object hostArray, boolean poisoned) {
        DeviceArray array = new DeviceArray(hostArray, DeviceObjects.allocateLike(hostArray));
        if (poisoned) {
            DeviceObjects.fill(array.deviceArray, NEVER_WRITTEN);
        }
        return array;
    }

    /** The user's array in place of a copy of it. */
    static DeviceArray inPlace(Object hostArray) {
        return new DeviceArray(hostArray, hostArray);
    }

    /** What a kernel is given for the user's array. */
    Object forKernel() {
        return deviceArray;
    }

    /** Ends the use of this memory, by whatever graph. */
    void free() {
        deviceArray = null;
    }

    boolean isFreed() {
        return deviceArray == null;
    }

    private boolean isInPlace() {
        return deviceArray == hostArray;
    }

    /** Bytes of device memory that this takes. */
    long allocatedBytes() {
        return isInPlace() || isFreed() ? 0 : bytes();
    }

    /** Bytes of the array's elements. */
    long bytes() {
        return DeviceObjects.bytes(hostArray);
    }

    /** Replaces the user's array by a copy, because someone is going to write to it. */
    void becomeACopy() {
        if (isInPlace()) {
            deviceArray = DeviceObjects.allocateLike(hostArray);
            copyIn();
        }
    }

    void copyIn() {
        if (!isInPlace()) {
            DeviceObjects.copy(hostArray, deviceArray);
        }
    }

    /** Copies all of it, or of {@code part}, which is in the array or is the array itself. */
    void copyOut(Object part) {
        if (!isInPlace()) {
            DeviceObjects.copy(onDevice(part), part);
        }
    }

    /** Copies {@code size} bytes of {@code part} from {@code offset} on, both counted in its elements. */
    void copyOut(Object part, long offset, long size) {
        if (!isInPlace()) {
            MemorySegment.copy(DeviceObjects.elements(onDevice(part)), offset, DeviceObjects.elements(part), offset,
                    size);
        }
    }

    boolean contains(Object part) {
        return DeviceObjects.find(part, hostArray, deviceArray).isPresent();
    }

    private Object onDevice(Object part) {
        return DeviceObjects.find(part, hostArray, deviceArray).orElseThrow();
    }
}
