package org.quantado.bench.model;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The size of a model that is measured.
 *
 * @param title what it is called in a table
 * @param modelType as a config has it
 * @param hidden H
 * @param layers of the decoder
 * @param heads of queries
 * @param kvHeads of keys and values
 * @param headSize of each
 * @param intermediate I of the MLP, or of an expert
 * @param experts in every layer, if there are any
 * @param vocabulary V
 */
public record ModelShape(String title, String modelType, int hidden, int layers, int heads, int kvHeads, int headSize,
        int intermediate, Optional<Experts> experts, int vocabulary) {
    /** The sizes of Llama 3.2 1B, with a head of its own. */
    public static final ModelShape LLAMA_1B = new ModelShape("llama-1b", "llama", 2048, 16, 32, 8, 64, 8192,
            Optional.empty(), 128256);
    /** The sizes of Qwen3 30B-A3B, of which there are four layers. */
    public static final ModelShape QWEN3_MOE_4_LAYERS = new ModelShape("qwen3-30b-a3b-4-layers", "qwen3_moe", 2048, 4,
            32,
            4, 128, 768, Optional.of(new Experts(128, 8)), 151936);
    /** What is measured where nothing else is asked for. */
    public static final List<ModelShape> USUAL = List.of(LLAMA_1B, QWEN3_MOE_4_LAYERS);

    static final String EMBEDDING = "model.embed_tokens";
    static final String HEAD = "lm_head";

    private static final int POSITIONS = 4096;

    /**
     * Experts of a layer.
     *
     * @param count E
     * @param topK of a token
     */
    public record Experts(int count, int topK) {
    }

    /** A matrix {@code [outputs, inputs]} of the model. */
    record Matrix(String module, int outputs, int inputs) {
    }

    /** The config, without quantization. */
    ObjectNode config() {
        ObjectNode config = JsonNodeFactory.instance.objectNode().put("model_type", modelType).put("hidden_act", "silu")
                .put("hidden_size", hidden).put("num_hidden_layers", layers).put("num_attention_heads", heads)
                .put("num_key_value_heads", kvHeads).put("head_dim", headSize).put("intermediate_size", intermediate)
                .put("max_position_embeddings", POSITIONS).put("rms_norm_eps", 1e-6).put("rope_theta", 10000.0)
                .put("attention_bias", false).put("tie_word_embeddings", false).put("vocab_size", vocabulary)
                .put("torch_dtype", "bfloat16");
        if (experts.isEmpty()) {
            return config.put("mlp_bias", false);
        }
        config.putArray("mlp_only_layers");
        return config.put("moe_intermediate_size", intermediate).put("num_experts", experts.get().count())
                .put("num_experts_per_tok", experts.get().topK()).put("norm_topk_prob", true)
                .put("decoder_sparse_step", 1);
    }

    /** Matrices that are quantized. */
    List<Matrix> quantized() {
        List<Matrix> all = new ArrayList<>();
        for (int layer = 0; layer < layers; layer++) {
            String attention = "model.layers." + layer + ".self_attn.";
            all.add(new Matrix(attention + "q_proj", heads * headSize, hidden));
            all.add(new Matrix(attention + "k_proj", kvHeads * headSize, hidden));
            all.add(new Matrix(attention + "v_proj", kvHeads * headSize, hidden));
            all.add(new Matrix(attention + "o_proj", hidden, heads * headSize));
            for (String mlp : mlps(layer)) {
                all.add(new Matrix(mlp + ".gate_proj", intermediate, hidden));
                all.add(new Matrix(mlp + ".up_proj", intermediate, hidden));
                all.add(new Matrix(mlp + ".down_proj", hidden, intermediate));
            }
        }
        return all;
    }

    /** Names of the MLP of a layer, or of its experts. */
    List<String> mlps(int layer) {
        String mlp = "model.layers." + layer + ".mlp";
        List<String> names = new ArrayList<>();
        experts.ifPresentOrElse(some -> {
            for (int expert = 0; expert < some.count(); expert++) {
                names.add(mlp + ".experts." + expert);
            }
        }, () -> names.add(mlp));
        return names;
    }

    /** Matrices that are left in the model's type. */
    List<Matrix> unquantized() {
        List<Matrix> all = new ArrayList<>(
                List.of(new Matrix(EMBEDDING, vocabulary, hidden), new Matrix(HEAD, vocabulary, hidden)));
        experts.ifPresent(some -> {
            for (int layer = 0; layer < layers; layer++) {
                all.add(new Matrix("model.layers." + layer + ".mlp.gate", some.count(), hidden));
            }
        });
        return all;
    }

    /** Names of the norms' weights, and their sizes. */
    List<Matrix> norms() {
        List<Matrix> all = new ArrayList<>(List.of(new Matrix("model.norm", 1, hidden)));
        for (int layer = 0; layer < layers; layer++) {
            String module = "model.layers." + layer + ".";
            all.add(new Matrix(module + "input_layernorm", 1, hidden));
            all.add(new Matrix(module + "post_attention_layernorm", 1, hidden));
            if (experts.isPresent()) {
                all.add(new Matrix(module + "self_attn.q_norm", 1, headSize));
                all.add(new Matrix(module + "self_attn.k_norm", 1, headSize));
            }
        }
        return all;
    }
}
