package org.quantado.models.decoder;

import java.util.Locale;

import org.quantado.kernels.attention.KvFormat;
import org.quantado.kernels.engine.DeviceException;
import org.quantado.kernels.engine.DeviceLimits;
import org.quantado.kernels.engine.Engine;
import org.quantado.models.family.AttentionSpec;

import uk.ac.manchester.tornado.api.common.TornadoDevice;

/** Whether a model fits a device, and how its layers are parted so that no array is larger than one can be. */
final class DeviceRoom {
    private static final double MEGABYTE = 1e6;

    /**
     * How much more the kernels' layout may take than a checkpoint: eight bits become ten in some, four become five, and
     * groups and rows are filled up.
     */
    private static final double LARGEST_LAYOUT = 1.5;

    /** Sequences at a time that layers are parted for; more of them ask for a shorter context. */
    private static final int USUAL_SEQUENCES = 8;

    private DeviceRoom() {
    }

    /**
     * How many layers of a kind can lie one below the other.
     *
     * @param weightBytes of the largest matrix of a layer, or of all its experts', as the checkpoint has it
     * @param positions of the longest context
     * @return at least 1
     */
    static int layersTogether(long weightBytes, AttentionSpec attention, int positions) {
        long cache = (long) USUAL_SEQUENCES * positions * attention.kvHeads()
                * Math.max(attention.keySize(), attention.valueSize()) * Float.BYTES;
        long largest = Math.max((long) (weightBytes * LARGEST_LAYOUT), cache);
        return Math.clamp(arrayBytes() / largest, 1, Integer.MAX_VALUE);
    }

    private static long arrayBytes() {
        return Math.min(Engine.device().getMaxAllocMemory(), DeviceLimits.maxElements() * (long) Float.BYTES);
    }

    /**
     * Checks that the device that will be used has room for a model, as its checkpoint has it, and one sequence.
     *
     * @throws DeviceException in a sentence, with the context that would fit
     */
    static void require(DecoderOutline outline, int positions, KvFormat format) {
        long largest = outline.cacheShapes(positions).mapToLong(shape -> shape.largestBytes(format)).max().orElse(0);
        require(new Needed(outline.bytes(), outline.cacheBytes(format, positions), largest, 1, positions));
    }

    /**
     * Checks that the device that will be used has room for a model in the kernels' layout.
     *
     * @throws DeviceException in a sentence, with the context that would fit
     */
    static void require(DecoderWeights weights, int sequences, KvFormat format) {
        long largest = weights.stacks().stream()
                .mapToLong(stack -> stack.cacheShape(sequences, weights.positions()).largestBytes(format)).max()
                .orElse(0);
        require(new Needed(weights.bytes(), weights.cacheBytes(sequences, format), largest, sequences,
                weights.positions()));
    }

    /**
     * Bytes of a model.
     *
     * @param largest of the arrays of the cache
     */
    private record Needed(long weights, long cache, long largest, int sequences, int positions) {
    }

    private static void require(Needed needed) {
        TornadoDevice device = Engine.device();
        long free = device.getMaxGlobalMemory() - needed.weights;
        if (needed.cache <= free && needed.largest <= arrayBytes()) {
            return;
        }
        long fits = Math.max(0, Math.min((long) (free / (double) needed.cache * needed.positions),
                (long) (arrayBytes() / (double) needed.largest * needed.positions)));
        throw new DeviceException(String.format(Locale.ROOT,
                "the model needs %.0f MB for its weights and %.0f MB for keys and values of %d x %d positions, and device %s"
                        + " has %.0f MB, of which %.0f MB in one array; %s",
                needed.weights / MEGABYTE, needed.cache / MEGABYTE, needed.sequences, needed.positions,
                device.getDeviceName(), device.getMaxGlobalMemory() / MEGABYTE, arrayBytes() / MEGABYTE,
                fits == 0 ? "no context would fit" : "a context of " + fits + " would fit"));
    }
}
