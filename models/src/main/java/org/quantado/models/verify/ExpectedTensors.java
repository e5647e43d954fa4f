package org.quantado.models.verify;

import java.util.Optional;
import java.util.stream.Stream;

import org.quantado.schemes.checkpoint.Checkpoint;
import org.quantado.schemes.checkpoint.Tensor;
import org.quantado.schemes.linear.Activations;

/**
 * The tensors of an {@code expected.safetensors}. Where activations are quantized there are several of a name:
 * {@code vllm.logits} by vLLM's rules, which are the ones here, {@code a16.logits} with activations left alone, and
 * {@code logits} by compressed-tensors' rules, which are the only ones where they are vLLM's, too.
 *
 * @param file the tensors
 * @param activations whether they are quantized where the config says so
 */
record ExpectedTensors(Checkpoint file, Activations activations) {
    private static final String LEFT_ALONE = "a16.";
    private static final String BY_VLLM = "vllm.";

    /** Whether the checkpoint quantizes activations at all. */
    private boolean hasQuantizedActivations() {
        return file.names().stream().anyMatch(name -> name.startsWith(LEFT_ALONE));
    }

    /** Whether a run rounds activations, so that a difference in the last bit may put one on another side of a boundary. */
    boolean roundsActivations() {
        return activations == Activations.CONFIG && hasQuantizedActivations();
    }

    /** A tensor of this name, that of the run. */
    Optional<Tensor> find(ModelCase some, String name) {
        String plain = some.prefix() + name;
        if (activations == Activations.OFF && hasQuantizedActivations()) {
            return file.find(LEFT_ALONE + plain);
        }
        return Stream.of(BY_VLLM + plain, some.prefix() + BY_VLLM + name, plain)
                .flatMap(found -> file.find(found).stream())
                .findFirst();
    }

    /** The ids that the run is of. */
    int[] ids(ModelCase some) {
        return ids(file.tensor(some.prefix() + ModelCase.INPUT_IDS));
    }

    static int[] ids(Tensor tensor) {
        long[] values = tensor.toLongs();
        int[] ids = new int[values.length];
        for (int i = 0; i < ids.length; i++) {
            ids[i] = Math.toIntExact(values[i]);
        }
        return ids;
    }
}
