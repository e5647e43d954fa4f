package org.quantado.schemes.checkpoint;

import java.util.List;
import java.util.Optional;

/** Where tensors are found by name. */
public interface TensorSource {
    /** The tensor of this name, if there is one. */
    Optional<Tensor> find(String name);

    /**
     * The tensor of this name.
     *
     * @throws CheckpointException if there is none
     */
    Tensor tensor(String name);

    /** Names of all tensors that begin so, such as those of a module with the dot after its name. */
    List<String> namesThatBegin(String beginning);
}
