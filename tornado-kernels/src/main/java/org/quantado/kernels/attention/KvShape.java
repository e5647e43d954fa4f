package org.quantado.kernels.attention;

import java.util.Locale;

import org.quantado.kernels.engine.DeviceException;
import org.quantado.kernels.engine.DeviceLimits;
import org.quantado.kernels.engine.Engine;
import org.quantado.kernels.graph.Heads;

import uk.ac.manchester.tornado.api.common.TornadoDevice;

/**
 * How much a cache holds.
 *
 * @param layers L
 * @param sequences at a time
 * @param positions of each sequence, at most
 * @param kvHeads heads of keys and values
 * @param keySize elements of a key
 * @param valueSize elements of a value
 */
public record KvShape(int layers, int sequences, int positions, int kvHeads, int keySize, int valueSize) {
    private static final double MEGABYTE = 1e6;

    /** Bytes of keys and values of all layers and sequences. */
    public long bytes(KvFormat format) {
        return Integer.BYTES * (words(format, keySize) + words(format, valueSize));
    }

    /** Bytes of all keys or of all values, whichever are more: of the largest array. */
    public long largestBytes(KvFormat format) {
        return Integer.BYTES * words(format, Math.max(keySize, valueSize));
    }

    /** Words of all keys, or of all values. */
    long words(KvFormat format, int size) {
        if (size % format.perWord() != 0) {
            throw new IllegalArgumentException(
                    "heads of " + size + " are not whole words of " + format.perWord() + " elements of " + format);
        }
        return (long) layers * sequences * kvHeads * positions * (size / format.perWord());
    }

    /** The size of the array of all keys, or of all values. */
    int arraySize(KvFormat format, int size) {
        return Math.toIntExact(words(format, size));
    }

    /** With whole blocks of so many positions. */
    KvShape padded(int block) {
        return new KvShape(layers, sequences, Math.ceilDiv(positions, block) * block, kvHeads, keySize, valueSize);
    }

    /** Throws where heads of keys, or of values, are not those of the cache. */
    void requireHeads(Heads heads, int size) {
        if (heads.count() != kvHeads || heads.size() != size) {
            throw new IllegalArgumentException(heads.count() + " heads of " + heads.size() + " for a cache of " + this);
        }
    }

    /**
     * Checks that the device that will be used has room for the cache.
     *
     * @param otherBytes what else is to be on the device: the weights
     * @throws DeviceException in a sentence, with the number of positions that would fit
     */
    public void requireFit(KvFormat format, long otherBytes) {
        TornadoDevice device = Engine.device();
        long perArray = Math.min(device.getMaxAllocMemory(), DeviceLimits.maxElements() * (long) Integer.BYTES);
        long largest = largestBytes(format);
        long free = device.getMaxGlobalMemory() - otherBytes;
        if (largest > perArray || bytes(format) > free) {
            long fit = Math.clamp(Math.min((long) (perArray / (double) largest * positions),
                    (long) (free / (double) bytes(format) * positions)), 0, positions);
            throw new DeviceException(String.format(Locale.ROOT,
                    "the cache of keys and values needs %.0f MB for %d positions of %d sequences beside %.0f MB of weights,"
                            + " and device %s has %.0f MB, of which %.0f MB in one array; %d positions would fit",
                    bytes(format) / MEGABYTE, positions, sequences, otherBytes / MEGABYTE, device.getDeviceName(),
                    device.getMaxGlobalMemory() / MEGABYTE, perArray / MEGABYTE, fit));
        }
    }
}
