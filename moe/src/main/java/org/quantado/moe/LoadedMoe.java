package org.quantado.moe;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

import org.quantado.schemes.linear.LoadedParameters;

/**
 * The parameters of a block, each found in a checkpoint.
 *
 * @param spec the block
 * @param gateUp of each expert of all ranks; calibrated scales are the same on all of them
 * @param down of each expert of all ranks
 * @param shared of the shared experts, where this rank has them
 * @param router what chooses experts
 */
public record LoadedMoe(MoeSpec spec, List<LoadedParameters> gateUp, List<LoadedParameters> down,
        Optional<Shared> shared, LoadedRouter router) {
    /** Parameters of the shared experts, and of their gate. */
    public record Shared(LoadedParameters gateUp, LoadedParameters down, Optional<LoadedSide> gate) {
    }

    /** Bytes of the checkpoint that were loaded, of experts and shared experts. */
    public long bytes() {
        return Stream.of(gateUp.stream(), down.stream(),
                shared.stream().flatMap(some -> Stream.of(some.gateUp, some.down))).flatMap(all -> all)
                .mapToLong(LoadedParameters::bytes).sum();
    }
}
