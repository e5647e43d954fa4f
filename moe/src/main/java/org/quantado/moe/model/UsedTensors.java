package org.quantado.moe.model;

import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

import org.quantado.schemes.checkpoint.Tensor;
import org.quantado.schemes.checkpoint.TensorSource;

/** Keeps the names of all tensors that are asked for. */
final class UsedTensors implements TensorSource {
    private final TensorSource tensors;
    private final Set<String> names = new HashSet<>();

    UsedTensors(TensorSource tensors) {
        this.tensors = tensors;
    }

    boolean has(String name) {
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
