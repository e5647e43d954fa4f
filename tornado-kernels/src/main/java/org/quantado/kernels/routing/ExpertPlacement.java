package org.quantado.kernels.routing;

import java.util.stream.IntStream;

import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Which of an expert-parallel group's ranks has which experts. With {@code q} and {@code r} the quotient and the
 * remainder of experts by ranks, the first {@code r} ranks have one expert more than {@code q}.
 *
 * <p>Source: vLLM, {@code determine_expert_map}.
 */
public enum ExpertPlacement {
    /** Every rank has consecutive experts. */
    LINEAR {
        @Override
        int first(int experts, int rank, int size) {
            return rank * (experts / size) + Math.min(rank, experts % size);
        }

        @Override
        int step(int size) {
            return 1;
        }
    },
    /** Rank p has experts p, p + ranks, p + 2 ranks ... */
    ROUND_ROBIN {
        @Override
        int first(int experts, int rank, int size) {
            return rank;
        }

        @Override
        int step(int size) {
            return size;
        }
    };

    /** What an expert map has for an expert of another rank. */
    public static final int NOT_LOCAL = -1;

    /** The experts of a rank, in the order in which it holds them. */
    public int[] expertsOf(int experts, int rank, int size) {
        if (size < 1 || rank < 0 || rank >= size) {
            throw new IllegalArgumentException("expert-parallel rank " + rank + " of " + size + " does not exist");
        }
        int local = experts / size + (rank < experts % size ? 1 : 0);
        int first = first(experts, rank, size);
        return IntStream.range(0, local).map(i -> first + i * step(size)).toArray();
    }

    /** For every expert its number on this rank, or {@value #NOT_LOCAL}. */
    public IntArray map(int experts, int rank, int size) {
        IntArray map = new IntArray(experts);
        map.init(NOT_LOCAL);
        int[] local = expertsOf(experts, rank, size);
        for (int i = 0; i < local.length; i++) {
            map.set(local[i], i);
        }
        return map;
    }

    abstract int first(int experts, int rank, int size);

    abstract int step(int size);
}
