package org.quantado.moe;

import org.quantado.kernels.routing.ExpertPlacement;

/**
 * Which part of a block this process holds: some of the experts, and of each expert some of the intermediate features.
 * The outputs of all parts sum to that of the block.
 *
 * @param placement which expert-parallel rank has which experts
 * @param expertRank the expert-parallel rank, from 0
 * @param expertSize number of expert-parallel ranks
 * @param tensorRank the tensor-parallel rank, from 0
 * @param tensorSize number of tensor-parallel ranks
 */
public record MoeParallel(ExpertPlacement placement, int expertRank, int expertSize, int tensorRank,
        int tensorSize) {
    /** All of it. */
    public static final MoeParallel WHOLE = new MoeParallel(ExpertPlacement.LINEAR, 0, 1, 0, 1);

    public MoeParallel {
        if (expertRank < 0 || expertRank >= expertSize || tensorRank < 0 || tensorRank >= tensorSize) {
            throw new IllegalArgumentException("rank " + expertRank + " of " + expertSize + " expert-parallel and rank "
                    + tensorRank + " of " + tensorSize + " tensor-parallel ranks do not exist");
        }
    }

    /** Some of the experts, whole. */
    public static MoeParallel experts(ExpertPlacement placement, int rank, int size) {
        return new MoeParallel(placement, rank, size, 0, 1);
    }

    /** Some of the intermediate features of all experts. */
    public static MoeParallel tensors(int rank, int size) {
        return new MoeParallel(ExpertPlacement.LINEAR, 0, 1, rank, size);
    }
}
