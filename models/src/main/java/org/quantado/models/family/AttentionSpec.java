package org.quantado.models.family;

import java.util.Optional;
import java.util.OptionalInt;

/** How a layer's tokens look at those before them. */
public sealed interface AttentionSpec {
    /** Heads of queries. */
    int heads();

    /** Heads of keys and values in the cache. */
    int kvHeads();

    /** Elements of a key. */
    int keySize();

    /** Elements of a value. */
    int valueSize();

    /** What scores are multiplied by. */
    float scale();

    /** c of {@code c * tanh(score / c)}, where scores are capped. */
    Optional<Float> softCap();

    /** Whether a head has a score for a position without a value: {@code sinks} {@code [heads]}. */
    boolean hasSinks();

    /** How queries and keys are turned. */
    RopeSpec rope();

    /** Whether the output layer has a bias. */
    boolean outputBias();

    /** What q and k are normalized over before rope. */
    enum QkNorm {
        /** They are not. */
        NONE,
        /** Each head, with one weight for all: {@code [headSize]}. */
        PER_HEAD,
        /** All heads together: {@code [heads * headSize]}. */
        ALL_HEADS
    }

    /**
     * Queries, keys and values of each head straight from the input.
     *
     * @param headSize elements of a query, key or value
     * @param fused whether the three are one module on disk, {@code qkv_proj}
     * @param qkvBias whether they have biases
     * @param qkNorm what q and k are normalized over
     */
    record OfHeads(int heads, int kvHeads, int headSize, float scale, Optional<Float> softCap, boolean hasSinks,
            RopeSpec rope, boolean outputBias, boolean fused, boolean qkvBias,
            QkNorm qkNorm) implements AttentionSpec {
        @Override
        public int keySize() {
            return headSize;
        }

        @Override
        public int valueSize() {
            return headSize;
        }
    }

    /**
     * Keys and values of all heads from one latent vector, beside which all heads share a part of the key that is turned.
     *
     * @param queryRank width of the queries' latent; empty where queries come straight from the input
     * @param rank width of the latent of keys and values
     * @param plainSize elements of a query or key that are not turned, which come first
     * @param ropeSize elements that are turned
     * @param bias whether the layers that make the latents have biases
     */
    record Latent(int heads, OptionalInt queryRank, int rank, int plainSize, int ropeSize, int valueSize, float scale,
            RopeSpec rope, boolean bias) implements AttentionSpec {
        @Override
        public int kvHeads() {
            return heads;
        }

        @Override
        public int keySize() {
            return plainSize + ropeSize;
        }

        @Override
        public Optional<Float> softCap() {
            return Optional.empty();
        }

        @Override
        public boolean hasSinks() {
            return false;
        }

        @Override
        public boolean outputBias() {
            return bias;
        }
    }
}
