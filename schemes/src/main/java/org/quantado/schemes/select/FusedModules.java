package org.quantado.schemes.select;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Layers that run as one although a checkpoint holds their parts: their outputs lie side by side.
 *
 * @param parts names of the parts, in the order of the outputs, by the name of the whole
 */
public record FusedModules(Map<String, List<String>> parts) {
    /** Nothing is fused. */
    public static final FusedModules NONE = new FusedModules(Map.of());

    /** As in Llama and its many relatives. */
    public static final FusedModules LLAMA = new FusedModules(llama());

    /** As in {@link #LLAMA}, in DeepSeek's attention, and in experts whose layers have numbers for names. */
    public static final FusedModules COMMON = new FusedModules(common());

    public FusedModules {
        Map<String, List<String>> copy = new LinkedHashMap<>();
        parts.forEach((whole, names) -> copy.put(whole, List.copyOf(names)));
        parts = copy;
    }

    private static Map<String, List<String>> llama() {
        Map<String, List<String>> parts = new LinkedHashMap<>();
        parts.put("qkv_proj", List.of("q_proj", "k_proj", "v_proj"));
        parts.put("gate_up_proj", List.of("gate_proj", "up_proj"));
        return parts;
    }

    private static Map<String, List<String>> common() {
        Map<String, List<String>> parts = llama();
        parts.put("fused_qkv_a_proj", List.of("q_a_proj", "kv_a_proj_with_mqa"));
        parts.put("w13", List.of("w1", "w3"));
        return parts;
    }

    /** Full names of all parts of the whole that a layer is a part of, itself among them; empty if it is none. */
    public List<String> partsBeside(String layerName) {
        int last = layerName.lastIndexOf('.') + 1;
        return parts.values().stream().filter(names -> names.contains(layerName.substring(last)))
                .findFirst().orElse(List.of()).stream().map(name -> layerName.substring(0, last) + name)
                .toList();
    }

    /** Full names of the parts of a layer whose last name is that of a whole; empty for any other layer. */
    public Optional<List<String>> partsOf(String layerName) {
        String last = layerName.substring(layerName.lastIndexOf('.') + 1);
        return Optional.ofNullable(parts.get(last)).map(names -> replace(layerName, last, names));
    }

    /** As {@link #partsOf}, for a layer whose name ends with that of a whole. */
    Optional<List<String>> partsOfSuffix(String layerName) {
        return parts.keySet().stream().filter(layerName::endsWith).findFirst()
                .map(whole -> replace(layerName, whole, parts.get(whole)));
    }

    private static List<String> replace(String layerName, String whole, List<String> names) {
        return names.stream().map(name -> layerName.replace(whole, name)).toList();
    }
}
