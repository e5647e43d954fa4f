package org.quantado.kernels.norm;

import java.util.Optional;

import org.quantado.kernels.graph.Heads;
import org.quantado.kernels.graph.LayerGraph;
import org.quantado.kernels.graph.Rows;

import uk.ac.manchester.tornado.api.common.TaskPackage;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * The norms of layers that lie one below the other: {@code y = (x - m) / sqrt(mean((x - m)^2) + epsilon) * (w + offset) +
 * b}, where m is 0 for an RMS norm and the mean of x for a layer norm. A whole row is normalized, or every head of it, with
 * the same weight. Nothing is rounded to a narrower type.
 *
 * <p>The number of the layer is read on the device. Weight, bias and the arrays that hold the number must be there.
 *
 * @param kind what is subtracted
 * @param size elements that are normalized together, D
 * @param epsilon added to the mean square
 * @param weightOffset 1 where the weight is stored as its difference from 1, else 0
 * @param weight w, {@code [L, D]}
 * @param bias b, {@code [L, D]}
 */
public record Norm(Kind kind, int size, float epsilon, float weightOffset, FloatArray weight,
        Optional<FloatArray> bias) {
    /** What is subtracted from x first. */
    public enum Kind {
        /** Nothing. */
        RMS,
        /** The mean. */
        LAYER
    }

    public Norm {
        requireLayers("weight", weight, size);
        bias.ifPresent(some -> requireLayers("bias", some, size));
    }

    private static void requireLayers(String what, FloatArray array, int size) {
        if (array.getSize() % size != 0) {
            throw new IllegalArgumentException(
                    "norm " + what + " of " + array.getSize() + " elements: expected layers of " + size);
        }
    }

    /** An RMS norm without a bias. */
    public static Norm rms(int size, float epsilon, float weightOffset, FloatArray weight) {
        return new Norm(Kind.RMS, size, epsilon, weightOffset, weight, Optional.empty());
    }

    /**
     * Adds {@code y = norm(x)}.
     *
     * @param x heads of D elements
     * @param layer one element, on the device
     * @param y heads of D elements, as many, of other rows
     */
    public void addTo(LayerGraph graph, String task, Heads x, IntArray layer, Heads y) {
        requireHeads(x);
        requireHeads(y);
        IntArray from = x.layout();
        IntArray to = y.layout();
        graph.constants(from, to);
        graph.task(TaskPackage.createPackage(task, NormKernels::normalizeHeads, x.rows().values(), from, weight,
                bias.orElse(weight), layer, x.rows().shape(), y.rows().values(), to, epsilon, weightOffset, centered(),
                biased()), x.count(), x.rows().capacity());
    }

    /**
     * Adds {@code x += factor * delta; y = norm(x)}.
     *
     * @param x {@code [M, D]}, the residual stream, on the device
     * @param delta {@code [M, D]}
     * @param layer one element, on the device
     * @param y {@code [M, D]}
     */
    public void addToSum(LayerGraph graph, String task, Rows x, Rows delta, float factor, IntArray layer, Rows y) {
        requireHeads(Heads.whole(x));
        graph.task(TaskPackage.createPackage(task, NormKernels::normalizeSum, x.values(), delta.values(), weight,
                bias.orElse(weight), layer, x.shape(), y.values(), epsilon, weightOffset, factor, centered(), biased()),
                x.capacity(), 1);
    }

    /**
     * Adds {@code x += factor * norm(delta)}.
     *
     * @param x {@code [M, D]}, the residual stream, on the device
     * @param delta {@code [M, D]}
     * @param layer one element, on the device
     */
    public void addNormTo(LayerGraph graph, String task, Rows x, Rows delta, float factor, IntArray layer) {
        requireHeads(Heads.whole(x));
        graph.task(TaskPackage.createPackage(task, NormKernels::addNorm, x.values(), delta.values(), weight,
                bias.orElse(weight), layer, x.shape(), epsilon, weightOffset, factor, centered(), biased()),
                x.capacity(), 1);
    }

    private void requireHeads(Heads heads) {
        if (heads.size() != size) {
            throw new IllegalArgumentException("heads of " + heads.size() + " for a norm of " + size);
        }
    }

    private int centered() {
        return kind == Kind.LAYER ? 1 : 0;
    }

    private int biased() {
        return bias.isPresent() ? 1 : 0;
    }
}
