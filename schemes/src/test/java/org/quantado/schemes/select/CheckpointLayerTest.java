package org.quantado.schemes.select;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.quantado.schemes.checkpoint.DType;
import org.quantado.schemes.checkpoint.Shape;
import org.quantado.schemes.checkpoint.TensorInfo;

class CheckpointLayerTest {
    private static TensorInfo matrix(String name) {
        return new TensorInfo(name, DType.U8, Shape.of(4, 8), 0, 32);
    }

    private static List<CheckpointLayer> layers(String... names) {
        return CheckpointLayer.of(Arrays.stream(names).map(CheckpointLayerTest::matrix).toList());
    }

    @ParameterizedTest
    @CsvSource({
            "model.embed_tokens.weight, EMBEDDING", "transformer.wte.weight, EMBEDDING",
            "bert.word_embeddings.weight, EMBEDDING", "lm_head.weight, LM_HEAD", "embed_out.weight, LM_HEAD",
            "model.layers.0.self_attn.q_proj.weight_packed, LINEAR", "m.q_proj.qweight, LINEAR",
            "model.layers.0.input_layernorm.weight, NORM", "h.0.ln_1.weight, NORM", "m.q_norm.weight, NORM",
            "model.layers.0.mlp.experts.12.down_proj.weight, EXPERT_LINEAR",
            "model.layers.0.mlp.gate.weight, ROUTER", "model.layers.1.mlp.gate.weight, LINEAR",
            "model.layers.0.mlp.router.weight, ROUTER", "m.mlp.shared_expert_gate.weight, ROUTER",
            "model.layers.0.mlp.shared_expert.up_proj.weight, LINEAR",
    })
    void guessesTheClass(String tensor, LayerClass expected) {
        String name = tensor.substring(0, tensor.lastIndexOf('.'));
        assertThat(layers(tensor, "model.layers.0.mlp.experts.0.up_proj.weight")).filteredOn(
                layer -> layer.name().equals(name)).extracting(CheckpointLayer::layerClass)
                .containsExactly(expected);
    }

    @Test
    void goesByTheRankOfTheWeight() {
        assertThat(CheckpointLayer.of(List.of(new TensorInfo("a.weight", DType.U8, Shape.of(4), 0, 4),
                new TensorInfo("b.weight", DType.U8, Shape.of(4, 1, 3), 0, 12))))
                .extracting(CheckpointLayer::layerClass).containsExactly(LayerClass.NORM, LayerClass.OTHER);
    }

    @Test
    void ordersNumbersByValueAndGathersTensors() {
        List<CheckpointLayer> layers = layers("l.10.q.weight", "l.9.q.weight_scale", "l.9.q.weight",
                "l.9.q.bias",
                "l.9.rotary.inv_freq", "alone");
        assertThat(layers).extracting(CheckpointLayer::name).containsExactly("l.9.q", "l.10.q");
        assertThat(layers.getFirst().tensors()).containsOnlyKeys("bias", "weight", "weight_scale");
    }
}
