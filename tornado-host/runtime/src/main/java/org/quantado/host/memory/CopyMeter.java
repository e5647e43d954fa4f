package org.quantado.host.memory;

/** Copies arrays, and counts bytes and nanoseconds. */
public final class CopyMeter {
    private long bytesIn;
    private long bytesOut;
    private long nanosIn;
    private long nanosOut;

    void in(DeviceArray array) {
        long start = System.nanoTime();
        array.copyIn();
        nanosIn += System.nanoTime() - start;
        bytesIn += array.bytes();
    }

    void out(DeviceArray array, Object part) {
        long start = System.nanoTime();
        array.copyOut(part);
        nanosOut += System.nanoTime() - start;
        bytesOut += DeviceObjects.bytes(part);
    }

    void out(DeviceArray array, Object part, long offset, long size) {
        long start = System.nanoTime();
        array.copyOut(part, offset, size);
        nanosOut += System.nanoTime() - start;
        bytesOut += size;
    }

    /** Bytes copied to the device. */
    public long bytesIn() {
        return bytesIn;
    }

    /** Bytes copied from the device. */
    public long bytesOut() {
        return bytesOut;
    }

    /** Time taken by copies to the device, in ns. */
    public long nanosIn() {
        return nanosIn;
    }

    /** Time taken by copies from the device, in ns. */
    public long nanosOut() {
        return nanosOut;
    }
}
