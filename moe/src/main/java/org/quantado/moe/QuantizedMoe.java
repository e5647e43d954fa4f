package org.quantado.moe;

import org.quantado.kernels.experts.MoeBlock;
import org.quantado.kernels.experts.MoePlan;
import org.quantado.kernels.matmul.FlavourChoice;
import org.quantado.kernels.routing.Routed;

import org.quantado.schemes.linear.SchemeException;

import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * A block of experts that is ready to run. One thread at a time: a call waits for the one before it. The weights stay on
 * the device from the first call on, once for all three ways in.
 *
 * <p>The output is that of this process's experts and features; with several processes, it is to be summed over them.
 */
public final class QuantizedMoe implements AutoCloseable {
    private final MoeSpec spec;
    private final MoePlan plan;
    private final boolean hasRouter;
    private boolean closed;

    /** @throws SchemeException if the weights cannot be brought into the layout of the kernels */
    QuantizedMoe(MoeSpec spec, MoeBlock block) {
        FlavourChoice flavour = FlavourChoice.forDevice();
        this.spec = spec;
        this.hasRouter = block.router().layer().isPresent();
        try {
            this.plan = new MoePlan(block, flavour);
        } catch (IllegalArgumentException e) {
            throw new SchemeException("layer '" + spec.layerName() + "': " + e.getMessage());
        }
    }

    /** The block that this is. */
    public MoeSpec spec() {
        return spec;
    }

    /** Whether the checkpoint has what chooses the experts, so that {@link #apply(FloatArray)} can be called. */
    public boolean hasRouter() {
        return hasRouter;
    }

    /** Bytes of all weights and biases, router and shared experts included, in the layout of the kernels. */
    public long weightBytes() {
        return plan.weightBytes();
    }

    /**
     * Runs tokens through experts that were chosen for them.
     *
     * @param x {@code [T, H]}
     * @param topkWeights {@code [T, k]}
     * @param topkIds {@code [T, k]}, global numbers of experts; {@value MoePlan#NO_EXPERT} for none
     * @return {@code [T, H]}
     * @throws IllegalArgumentException if sizes do not fit, or an expert id is out of range
     */
    public synchronized FloatArray apply(FloatArray x, FloatArray topkWeights, IntArray topkIds) {
        int tokens = tokens(x);
        requireSize("topk_weights", topkWeights.getSize(), tokens, spec.router().topK());
        requireSize("topk_ids", topkIds.getSize(), tokens, spec.router().topK());
        FloatArray y = new FloatArray(x.getSize());
        plan.apply(x, new Routed(topkIds, topkWeights), tokens, y);
        return y;
    }

    /**
     * Chooses experts by the router's logits and runs tokens through them.
     *
     * @param x {@code [T, H]}
     * @param routerLogits {@code [T, E]}
     * @return {@code [T, H]}
     * @throws IllegalArgumentException if sizes do not fit
     */
    public synchronized FloatArray apply(FloatArray x, FloatArray routerLogits) {
        int tokens = tokens(x);
        requireSize("router_logits", routerLogits.getSize(), tokens, spec.experts());
        FloatArray y = new FloatArray(x.getSize());
        plan.apply(x, routerLogits, tokens, y);
        return y;
    }

    /**
     * The whole block, router included.
     *
     * @param x {@code [T, H]}
     * @return {@code [T, H]}
     * @throws IllegalArgumentException if x is no whole number of tokens
     * @throws IllegalStateException if the checkpoint has no router for it
     */
    public synchronized FloatArray apply(FloatArray x) {
        int tokens = tokens(x);
        if (!hasRouter) {
            throw new IllegalStateException("layer '" + spec.layerName() + "' has no router"
                    + spec.routerTensors().map(router -> " ('" + router.weight() + "')").orElse("")
                    + ": router logits or the experts of each token must be given");
        }
        FloatArray y = new FloatArray(x.getSize());
        plan.apply(x, tokens, y);
        return y;
    }

    private int tokens(FloatArray x) {
        if (x.getSize() % spec.hidden() != 0) {
            throw new IllegalArgumentException("x has " + x.getSize() + " elements, expected tokens of "
                    + spec.hidden() + " for layer '" + spec.layerName() + "'");
        }
        if (closed) {
            throw new IllegalStateException("layer '" + spec.layerName() + "' was closed");
        }
        return x.getSize() / spec.hidden();
    }

    private static void requireSize(String what, int found, int tokens, int perToken) {
        if (found != Math.multiplyExact(tokens, perToken)) {
            throw new IllegalArgumentException(
                    what + " has " + found + " elements, expected [" + tokens + ", " + perToken + "]");
        }
    }

    /** Frees the device's memory. */
    @Override
    public synchronized void close() {
        closed = true;
        plan.close();
    }
}
