package org.quantado.models.decoder;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntConsumer;

import org.quantado.kernels.attention.KvFormat;
import org.quantado.kernels.attention.RopeTable;
import org.quantado.kernels.embedding.Embedding;
import org.quantado.kernels.engine.DeviceLimits;
import org.quantado.kernels.logits.LogitScaling;
import org.quantado.kernels.matmul.ExpertWeights;
import org.quantado.kernels.matmul.FlavourChoice;
import org.quantado.kernels.matmul.LinearWeight;
import org.quantado.kernels.matmul.PreparedLinear;
import org.quantado.kernels.matmul.QuantizedMatrix;
import org.quantado.kernels.norm.Norm;
import org.quantado.models.family.DecoderSpec;
import org.quantado.schemes.linear.SchemeException;

import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/**
 * A decoder's weights in the kernels' layout.
 *
 * @param spec what the decoder is
 * @param positions of the longest context that can be run
 * @param embedding of ids
 * @param stacks of layers that are alike
 * @param finalNorm before the logits
 * @param head gives the logits
 * @param ropeTable of the angles, or the first of several
 */
public record DecoderWeights(DecoderSpec spec, int positions, Embedding embedding, List<LayerStack> stacks,
        Norm finalNorm, PreparedLinear head, RopeTable ropeTable) {
    /**
     * Brings a decoder into the kernels' layout, layer by layer.
     *
     * @param positions of the longest context
     * @param cache what keys and values are to be kept as
     * @param progress is told the number of layers that are done, now and then
     * @throws org.quantado.kernels.engine.DeviceException in a sentence, if the device has no room for weights and cache
     */
    public static DecoderWeights load(DecoderOutline outline, int positions, KvFormat cache, IntConsumer progress) {
        DeviceRoom.require(outline, positions, cache);
        DecoderSpec spec = outline.spec();
        FlavourChoice flavour = FlavourChoice.forDevice();
        StackBuilder builder = new StackBuilder(spec, positions, flavour);
        LinearWeight embedding = outline.embedding().weight().loaded();
        if (embedding.columnOrder().isPresent()) {
            throw new SchemeException("layer '" + spec.embedding() + "': found columns in an order of their own"
                    + " (weight_g_idx), expected an embedding in the order of the hidden states");
        }
        PreparedLinear head = PreparedLinear.of(
                ExpertWeights.of(outline.head().map(LinearModule::weight).orElse(embedding)), flavour,
                outline.head().flatMap(LinearModule::quantizer));
        List<LayerStack> stacks = stacks(outline, positions, builder, progress);
        return new DecoderWeights(spec, positions, embedding(embedding.matrix().load()), stacks,
                Norm.rms(spec.hidden(), spec.norm().epsilon(), spec.norm().weightOffset(),
                        FloatArray.fromArray(outline.finalNorm())),
                head, builder.table());
    }

    private static List<LayerStack> stacks(DecoderOutline outline, int positions, StackBuilder builder,
            IntConsumer progress) {
        Map<LayerModules.Kind, List<LayerModules>> kinds = new LinkedHashMap<>();
        outline.layers().forEach(layer -> kinds.computeIfAbsent(layer.kind(), kind -> new ArrayList<>()).add(layer));
        List<LayerStack> stacks = new ArrayList<>();
        int loaded = 0;
        for (List<LayerModules> alike : kinds.values()) {
            int together = DeviceRoom.layersTogether(
                    alike.stream().mapToLong(LayerModules::largestBytes).max().orElse(0),
                    alike.getFirst().spec().attention(), positions);
            for (int from = 0; from < alike.size(); from += together) {
                List<LayerModules> some = alike.subList(from, Math.min(alike.size(), from + together));
                stacks.add(builder.stack("layers" + stacks.size(), some, outline.cacheScales(some)));
                loaded += some.size();
                progress.accept(loaded);
            }
        }
        return stacks;
    }

    /** The head's graph brings a table of its own to the device, and finds that of the embedding there. */
    private static Embedding embedding(QuantizedMatrix matrix) {
        if (matrix.holdsFloats()) {
            return new Embedding.OfFloats(matrix.floats(), matrix.inputs());
        }
        return new Embedding.OfCodes(
                new QuantizedMatrix(matrix.outputs(), matrix.inputs(), matrix.codeBits(), matrix.words(),
                        FloatArray.fromArray(matrix.table().toHeapArray()), matrix.groupSize(), matrix.scales(),
                        matrix.zeros()));
    }

    LogitScaling logitScaling() {
        return new LogitScaling(spec.logitFactor(), spec.logitCap());
    }

    /** Bytes of all weights. */
    public long bytes() {
        DeviceState state = new DeviceState();
        enter(state);
        return DeviceLimits.bytes(state.arrays());
    }

    /** Bytes of the cache of so many sequences. */
    public long cacheBytes(int sequences, KvFormat format) {
        return stacks.stream().mapToLong(stack -> stack.cacheShape(sequences, positions).bytes(format)).sum();
    }

    /** Enters all weights. */
    void enter(DeviceState state) {
        state.add(embedding);
        state.add(finalNorm.weight());
        state.add(head.matmul());
        stacks.forEach(stack -> stack.addTo(state));
    }
}
