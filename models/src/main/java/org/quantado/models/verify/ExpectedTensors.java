package org.quantado.models.verify;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;

import org.quantado.schemes.checkpoint.Checkpoint;
import org.quantado.schemes.checkpoint.JsonFile;
import org.quantado.schemes.checkpoint.Tensor;
import org.quantado.schemes.linear.Activations;

import com.fasterxml.jackson.databind.JsonNode;

/**
 * The tensors of an {@code expected.safetensors}. Where activations are quantized there are several of a name:
 * {@code vllm.logits} by vLLM's rules, which are the ones here, {@code a16.logits} with activations left alone, and
 * {@code logits} by compressed-tensors' rules, which are the only ones where they are vLLM's, too.
 *
 * @param folder of the file
 * @param file the tensors
 * @param activations whether they are quantized where the config says so
 */
record ExpectedTensors(Path folder, Checkpoint file, Activations activations) {
    private static final String LEFT_ALONE = "a16.";
    private static final String BY_VLLM = "vllm.";
    private static final String META = "meta.json";
    private static final String NOISE = "logits_max_abs_change_under_3e-7_noise";

    /** Whether the checkpoint quantizes activations at all. */
    private boolean hasQuantizedActivations() {
        return file.names().stream().anyMatch(name -> name.startsWith(LEFT_ALONE));
    }

    /** Whether a run rounds activations, so that a difference in the last bit may put one on another side of a boundary. */
    boolean roundsActivations() {
        return activations == Activations.CONFIG && hasQuantizedActivations();
    }

    /**
     * How far the logits of the prompt that moves least under noise were seen to move: what {@code meta.json} says, 0 if it
     * says nothing.
     */
    double noiseOfStablePrompt() {
        Path meta = folder.resolve(META);
        if (!Files.exists(meta)) {
            return 0;
        }
        String name = activations == Activations.OFF ? LEFT_ALONE + "stable" : "stable";
        return JsonFile.readObject(meta).path(name).findValues(NOISE).stream().mapToDouble(JsonNode::doubleValue).max()
                .orElse(0);
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
        return ids(find(some, ModelCase.INPUT_IDS)
                .orElseGet(() -> file.tensor(some.prefix() + ModelCase.INPUT_IDS)));
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
