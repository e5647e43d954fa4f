package org.quantado.schemes.select;

import java.util.Map;
import java.util.Set;

/**
 * Tensors that are left in checkpoints and change nothing of what is run here: a closed list. Whatever else a module has
 * and nobody reads is an error.
 */
public final class Leftovers {
    /**
     * Calibrated scales of caches, which are not quantized here, by the module that they lie in where it is a layer:
     * under the names that vLLM gives to scales of attention, and compressed-tensors' first name for them.
     *
     * @see <a href=
     *      "https://github.com/vllm-project/vllm/blob/main/vllm/model_executor/model_loader/weight_utils.py">maybe_remap_kv_scale_name</a>
     */
    private static final Map<String, Set<String>> SCALES_OF_CACHES = Map.of("q_proj", Set.of("q_scale"), "k_proj",
            Set.of("k_scale", "output_scale"), "v_proj", Set.of("v_scale", "output_scale"), "qkv_proj",
            Set.of("q_scale", "k_scale", "v_scale"));
    private static final Set<String> OF_ATTENTION = Set.of("q_scale", "k_scale", "v_scale");
    /** Frequencies of a rotary embedding, which follow from the config. */
    private static final String INV_FREQ = "inv_freq";

    private Leftovers() {
    }

    /**
     * Whether a tensor may be passed over.
     *
     * @param name full name
     */
    public static boolean contains(String name) {
        int dot = name.lastIndexOf('.');
        String last = name.substring(dot + 1);
        String module = name.substring(0, Math.max(dot, 0));
        String parent = module.substring(module.lastIndexOf('.') + 1);
        Set<String> ofLayer = SCALES_OF_CACHES.get(parent);
        return last.equals(INV_FREQ)
                || (ofLayer == null
                        ? OF_ATTENTION.contains(last) && parent.endsWith("attn")
                        : ofLayer.contains(last));
    }
}
