package org.quantado.schemes.select;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.quantado.schemes.config.Target;

/** A config may call a module otherwise than the file does. */
class SpellingsTest {
    @ParameterizedTest
    @CsvSource({
            "visual.blocks.0.attn.qkv, model.visual.blocks.0.attn.qkv",
            "model.visual.merger.mlp.0, visual.merger.mlp.0",
            "thinker.visual.blocks.0.mlp, visual.blocks.0.mlp",
            "vision_tower.encoder.0, model.vision_tower.encoder.0",
            "model.multi_modal_projector, multi_modal_projector",
            "model.layers.0.mlp.up_proj, language_model.model.layers.0.mlp.up_proj",
            "model.language_model.layers.0.mlp.up_proj, language_model.model.layers.0.mlp.up_proj",
            "language_model.model.layers.0.mlp.up_proj, model.language_model.layers.0.mlp.up_proj",
            "thinker.model.layers.0.mlp.up_proj, model.layers.0.mlp.up_proj",
            "text_model.model.layers.0.mlp, model.text_model.layers.0.mlp",
            "language_model.lm_head, lm_head",
            "model.layers.0.block_sparse_moe.gate, model.layers.0.mlp.gate",
            "model.layers.0.mlp.experts.11.w1, model.layers.0.mlp.experts.11.gate_proj",
            "model.layers.0.block_sparse_moe.experts.0.w2, model.layers.0.mlp.experts.0.down_proj",
            "model.layers.0.block_sparse_moe.experts.0.w3, model.language_model.layers.0.mlp.experts.0.up_proj"})
    void otherNames(String name, String other) {
        assertThat(Spellings.others(name)).contains(other).doesNotContain(name);
        assertThat(Spellings.others(other)).contains(name);
    }

    @ParameterizedTest
    @CsvSource({"visual.blocks.0, model.layers.0", "model.layers.0.mlp.w1, model.layers.0.mlp.gate_proj",
            "talker.model.layers.0.mlp, model.layers.0.mlp",
            "model.visual.blocks.0, model.language_model.visual.blocks.0",
            "model.layers.0.mlp.experts.0.gate_proj, model.layers.0.mlp.experts.0.w3"})
    void otherModules(String name, String other) {
        assertThat(Spellings.others(name)).doesNotContain(other);
    }

    @Test
    void theFirstTargetThatMatchesCounts() {
        NamedTargets targets = new NamedTargets(
                List.of(Target.of("re:model\\.visual.*"), Target.of("visual.a"), Target.of("re:.*a$")));
        assertThat(targets.find("visual.a")).contains(Target.of("visual.a"));
        assertThat(targets.find("visual.b")).contains(Target.of("re:model\\.visual.*"));
        assertThat(targets.find("model.visual.a")).contains(Target.of("re:model\\.visual.*"));
        assertThat(targets.find("model.c")).isEmpty();
    }
}
