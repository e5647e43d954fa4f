package org.quantado.models.family;

import java.util.List;
import java.util.Optional;

import org.quantado.moe.family.MoeFacts;

/**
 * A decoder as its config describes it: all that changes a number.
 *
 * @param modelType of the language model
 * @param prefix how the names of its modules begin, such as {@code model.}
 * @param head name of the layer that gives the logits; empty where it is the embedding
 * @param hidden H
 * @param vocabulary V
 * @param positions the longest context that the model allows
 * @param embeddingFactor what embeddings are multiplied by
 * @param norm of all norms
 * @param layers in order
 * @param logitFactor what logits are multiplied by
 * @param logitCap c of {@code c * tanh(logit / c)}, where logits are capped
 * @param predictionLayers further layers in the checkpoint, which predict tokens further on and are not used
 * @param experts what the config says of blocks of experts, where the family has them
 */
public record DecoderSpec(String modelType, String prefix, Optional<String> head, int hidden, int vocabulary,
        int positions, float embeddingFactor, NormSpec norm, List<LayerSpec> layers, float logitFactor,
        Optional<Float> logitCap, int predictionLayers, Optional<MoeFacts> experts) {
    public DecoderSpec {
        layers = List.copyOf(layers);
    }

    /** Name of the embedding in the checkpoint. */
    public String embedding() {
        return prefix + "embed_tokens";
    }

    /** Name of the last norm in the checkpoint. */
    public String finalNorm() {
        return prefix + "norm";
    }
}
