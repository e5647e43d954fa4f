package org.quantado.schemes.linear;

/**
 * Which part of a layer this process holds.
 *
 * @param cut the dimension of the weight that is divided
 * @param rank which part, from 0
 * @param size number of equal parts
 */
public record TensorParallel(Cut cut, int rank, int size) {
    /** The whole layer. */
    public static final TensorParallel WHOLE = new TensorParallel(Cut.NONE, 0, 1);

    /** The dimension of the weight {@code [N, K]} that is divided among ranks. */
    public enum Cut {
        /** Every rank has the whole weight. */
        NONE,
        /** Column parallel: every rank has some of N; their outputs are concatenated. */
        OUTPUTS,
        /** Row parallel: every rank has some of K; their outputs are summed. */
        INPUTS
    }

    public TensorParallel {
        if (size < 1 || rank < 0 || rank >= size) {
            throw new IllegalArgumentException(
                    "tensor-parallel rank " + rank + " of " + size + " does not exist");
        }
        if (cut == Cut.NONE && size != 1) {
            throw new IllegalArgumentException(
                    "a layer that is not cut has tensor-parallel size 1, not " + size);
        }
    }

    /** Part {@code rank} of {@code size} of the outputs. */
    public static TensorParallel columns(int rank, int size) {
        return new TensorParallel(Cut.OUTPUTS, rank, size);
    }

    /** Part {@code rank} of {@code size} of the inputs. */
    public static TensorParallel rows(int rank, int size) {
        return new TensorParallel(Cut.INPUTS, rank, size);
    }
}
