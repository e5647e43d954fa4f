package org.quantado.schemes.checkpoint;

import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Keeps the names of all tensors that are asked for. Not thread-safe. */
public final class UsedTensors implements TensorSource {
    private final TensorSource tensors;
    private final Set<String> names = new HashSet<>();

    public UsedTensors(TensorSource tensors) {
        this.tensors = tensors;
    }

    /** Whether a tensor was asked for. */
    public boolean has(String name) {
        return names.contains(name);
    }

    @Override
    public Optional<Tensor> find(String name) {
        names.add(name);
        return tensors.find(name);
    }

    @Override
    public List<String> namesThatBegin(String beginning) {
        return tensors.namesThatBegin(beginning);
    }

    @Override
    public Tensor tensor(String name) {
        names.add(name);
        return tensors.tensor(name);
    }
}
