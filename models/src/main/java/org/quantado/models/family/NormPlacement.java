package org.quantado.models.family;

import java.util.List;

/** Where the norms of a layer stand, and what they are called in a checkpoint. */
@SuppressWarnings("ImmutableEnumChecker") // its list is not changed
public enum NormPlacement {
    /** Before attention and before the MLP. */
    BEFORE("input_layernorm", "post_attention_layernorm"),
    /** After attention and after the MLP, before the result is added. */
    AFTER("post_attention_layernorm", "post_feedforward_layernorm"),
    /** Before and after both. */
    AROUND("input_layernorm", "post_attention_layernorm", "pre_feedforward_layernorm", "post_feedforward_layernorm");

    private final List<String> names;

    NormPlacement(String... names) {
        this.names = List.of(names);
    }

    /** In the order in which they are met. */
    public List<String> names() {
        return names;
    }
}
