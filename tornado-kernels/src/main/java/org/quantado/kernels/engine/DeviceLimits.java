package org.quantado.kernels.engine;

import java.util.Locale;

import uk.ac.manchester.tornado.api.common.TornadoDevice;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;
import uk.ac.manchester.tornado.api.types.collections.TornadoCollectionInterface;

/** What a device holds, checked before a layer is brought to it. */
public final class DeviceLimits {
    private static final double MEGABYTE = 1e6;
    /** No array has a larger header before its elements. */
    private static final int HEADER_BYTES = 64;

    private DeviceLimits() {
    }

    /** The most elements of 4 bytes that an array has: the API classes of the host engine count its bytes in an int. */
    public static int maxElements() {
        return Engine.isEmbedded() ? (Integer.MAX_VALUE - HEADER_BYTES) / Float.BYTES : Integer.MAX_VALUE;
    }

    /**
     * Checks that arrays fit the device that will be used.
     *
     * @param arrays those among them that are TornadoVM's, or vectors of such, are counted
     * @throws DeviceException in a sentence, if one is larger than the device allocates at once, or all are larger
     *     than its memory
     */
    public static void requireFit(Object... arrays) {
        TornadoDevice device = Engine.device();
        for (Object array : arrays) {
            require(bytes(array), device.getMaxAllocMemory(), "in one array", device);
        }
        require(bytes(arrays), device.getMaxGlobalMemory(), "for its weights", device);
    }

    /**
     * Bytes that arrays take on a device.
     *
     * @param arrays those among them that are TornadoVM's, or vectors of such, are counted
     */
    public static long bytes(Object... arrays) {
        long total = 0;
        for (Object array : arrays) {
            total += switch (array) {
                case TornadoNativeArray nativeArray -> nativeArray.getNumBytesOfSegmentWithHeader();
                case TornadoCollectionInterface<?> vectors -> vectors.getNumBytesWithHeader();
                default -> 0;
            };
        }
        return total;
    }

    private static void require(long needed, long available, String purpose, TornadoDevice device) {
        if (needed > available) {
            throw new DeviceException(String.format(Locale.ROOT,
                    "the layer needs %.0f MB %s and device %s has %.0f MB; use a larger tensor_parallel_size or another device",
                    needed / MEGABYTE, purpose, device.getDeviceName(), available / MEGABYTE));
        }
    }
}
