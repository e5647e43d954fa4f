package org.quantado.schemes.linear;

import java.util.List;
import java.util.Map;
import java.util.Optional;

import org.quantado.schemes.checkpoint.TensorSource;

/** The parameters of a layer, each found in a checkpoint: one slice for every partition of the layer. */
public final class LoadedParameters {
    private final LinearSpec spec;
    private final Map<String, List<Optional<TensorSlice>>> slices;
    private final TensorSource source;

    LoadedParameters(LinearSpec spec, Map<String, List<Optional<TensorSlice>>> slices, TensorSource source) {
        this.spec = spec;
        this.slices = slices;
        this.source = source;
    }

    /** The layer that they are of. */
    public LinearSpec spec() {
        return spec;
    }

    /** Bytes of the checkpoint that were loaded. */
    public long bytes() {
        return slices.values().stream().flatMap(List::stream).flatMap(Optional::stream)
                .mapToLong(slice -> slice.tensor().dtype()
                        .byteSize(slice.rows().length() * (long) slice.columns().length()))
                .sum();
    }

    /**
     * A parameter of one partition.
     *
     * @throws org.quantado.schemes.checkpoint.CheckpointException if the checkpoint does not have it
     */
    TensorSlice get(String name, int partition) {
        Optional<TensorSlice> slice = find(name, partition);
        if (slice.isEmpty()) {
            source.tensor(spec.partitions().get(partition).module() + "." + name);
        }
        return slice.orElseThrow();
    }

    /** A parameter of one partition, if the scheme asked for it and the checkpoint has it. */
    Optional<TensorSlice> find(String name, int partition) {
        return slices.getOrDefault(name, List.of()).stream().skip(partition).findFirst()
                .flatMap(slice -> slice);
    }
}
