package org.quantado.models.calibrate;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Samples in blocks. What is added up over all samples is added up over those of each block first, and then over blocks two
 * by two, so that the sum is the same whoever took which blocks.
 */
final class SampleBlocks implements Serializable {
    private static final long serialVersionUID = 1L;

    /** As many processes as can run samples at the same time, and no more: each has Hessians to send. */
    private static final int MOST = 16;
    /** Shares for each task that runs at a time, so that a slow machine keeps the others waiting for little. */
    private static final int SHARES_PER_SLOT = 4;

    private final int[] lengths;
    private final int hidden;

    private SampleBlocks(int[] lengths, int hidden) {
        this.lengths = lengths;
        this.hidden = hidden;
    }

    /** @param hidden H, elements of the state of a token */
    static SampleBlocks of(List<int[]> samples, int hidden) {
        return new SampleBlocks(samples.stream().mapToInt(ids -> ids.length).toArray(), hidden);
    }

    /**
     * Blocks that follow one another and of which one task takes care.
     *
     * @param first number of the first of them, a multiple of the width
     * @param end number of the one after them
     * @param width how many there are, a power of two; the last share may have fewer
     */
    record Share(int first, int end, int width) implements Serializable {
        IntStream blocks() {
            return IntStream.range(first, end);
        }
    }

    /** How many samples there are. */
    int samples() {
        return lengths.length;
    }

    /** H. */
    int hidden() {
        return hidden;
    }

    /** How many blocks there are. */
    int count() {
        return Math.min(MOST, lengths.length);
    }

    /** Number of the first sample of a block; of the block after the last, how many there are. */
    int first(int block) {
        return Math.toIntExact((long) block * lengths.length / count());
    }

    /** Numbers of the samples of a block. */
    IntStream samples(int block) {
        return IntStream.range(first(block), first(block + 1));
    }

    /** How many samples a share has. */
    int samples(Share share) {
        return first(share.end) - first(share.first);
    }

    /** Tokens of a sample. */
    int length(int sample) {
        return lengths[sample];
    }

    /** Tokens of the longest sample. */
    int longest() {
        return Arrays.stream(lengths).max().orElse(0);
    }

    /** Tokens of all samples. */
    long tokens() {
        return Arrays.stream(lengths).asLongStream().sum();
    }

    /** Size of the states of a block, in binary32. */
    long stateBytes(int block) {
        return samples(block).mapToLong(sample -> lengths[sample]).sum() * hidden * Float.BYTES;
    }

    /**
     * All blocks.
     *
     * @param slots tasks that run at the same time
     */
    List<Share> shares(int slots) {
        int width = Integer.highestOneBit(Math.max(1, count() / (SHARES_PER_SLOT * slots)));
        List<Share> shares = new ArrayList<>();
        for (int first = 0; first < count(); first += width) {
            shares.add(new Share(first, Math.min(first + width, count()), width));
        }
        return shares;
    }
}
