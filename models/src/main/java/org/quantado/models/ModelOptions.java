package org.quantado.models;

import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.IntConsumer;

import org.quantado.kernels.attention.KvFormat;
import org.quantado.schemes.linear.Activations;
import org.quantado.schemes.linear.OnlineFormat;

/**
 * How a model is opened.
 *
 * @param context positions of a sequence, at most; empty for as many as the model allows, up to {@value #USUAL_CONTEXT}
 * @param cache what keys and values are kept as; empty for what the checkpoint asks for, else floats
 * @param activations whether activations are quantized where the config says so
 * @param online what unquantized linear layers become while loading, if anything
 * @param progress is told the number of layers that are loaded, now and then
 */
public record ModelOptions(OptionalInt context, Optional<KvFormat> cache, Activations activations,
        Optional<OnlineFormat> online, IntConsumer progress) {
    /** Positions where nobody asks for more: what fits beside most models. */
    public static final int USUAL_CONTEXT = 4096;

    /** As the checkpoint is. */
    public static final ModelOptions USUAL = new ModelOptions(OptionalInt.empty(), Optional.empty(), Activations.CONFIG,
            Optional.empty(), layers -> {
            });

    public ModelOptions {
        if (context.isPresent() && context.getAsInt() < 1) {
            throw new IllegalArgumentException("a context of " + context.getAsInt() + " positions");
        }
    }

    /** With another context. */
    public ModelOptions withContext(int positions) {
        return new ModelOptions(OptionalInt.of(positions), cache, activations, online, progress);
    }

    /** With another cache. */
    public ModelOptions withCache(KvFormat format) {
        return new ModelOptions(context, Optional.of(format), activations, online, progress);
    }

    /** With activations quantized as the config says, or not. */
    public ModelOptions withActivations(Activations which) {
        return new ModelOptions(context, cache, which, online, progress);
    }

    /** With unquantized linear layers quantized while loading. */
    public ModelOptions withOnline(OnlineFormat format) {
        return new ModelOptions(context, cache, activations, Optional.of(format), progress);
    }

    /** With somebody who is told how loading goes. */
    public ModelOptions withProgress(IntConsumer listener) {
        return new ModelOptions(context, cache, activations, online, listener);
    }
}
