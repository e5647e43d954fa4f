package org.quantado.moe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.quantado.moe.family.LanguageConfig;
import org.quantado.moe.family.MoeFacts;
import org.quantado.schemes.checkpoint.CheckpointException;

class MoeFactsTest {
    private static final int EXPERTS = 8;

    @TempDir
    private Path folder;

    private MoeFacts facts(String config) {
        return MoeFacts.of(LanguageConfig.read(write(config)));
    }

    private Path write(String config) {
        try {
            return Files.writeString(folder.resolve("config.json"), config);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
            "glm4_moe    | \"scoring_func\": \"softmax\"       | scoring_func",
            "qwen3_moe   | \"scoring_func\": \"sigmoid\"       | scoring_func",
            "mixtral     | \"hidden_act\": \"gelu\"            | hidden_act",
            "mixtral     | \"hidden_act\": 1                   | hidden_act",
            "gpt_oss     | \"swiglu_limit\": 5                 | swiglu_limit",
            "qwen3_moe   | \"swiglu_limit\": 7                 | swiglu_limit",
            "deepseek_v2 | \"topk_method\": \"noaux_tc\"       | topk_method",
            "deepseek_v3 | \"topk_method\": \"greedy\"         | topk_method",
            "qwen3_moe   | \"topk_method\": \"greedy\"         | topk_method",
            "deepseek_v2 | \"norm_topk_prob\": true            | norm_topk_prob",
            "mixtral     | \"norm_topk_prob\": false           | norm_topk_prob",
            "qwen3_moe   | \"norm_topk_prob\": 1               | norm_topk_prob",
            "qwen3_moe   | \"routed_scaling_factor\": 2.5      | routed_scaling_factor",
            "glm4_moe    | \"routed_scaling_factor\": \"x\"    | routed_scaling_factor",
            "qwen3_moe   | \"n_group\": 2                      | n_group",
            "deepseek_v3 | \"n_group\": 3, \"topk_group\": 2   | n_group",
            "deepseek_v3 | \"n_group\": 8                      | n_group",
            "deepseek_v3 | \"n_group\": 4, \"topk_group\": 5   | topk_group",
            "glm4_moe    | \"n_group\": 4, \"topk_group\": 1   | topk_group",
            "deepseek_v2 | \"topk_method\": \"group_limited_greedy\" | n_group",
            "phimoe      | \"num_local_experts\": 8            | num_experts_per_tok"})
    void valuesThatAFamilyDoesNotHaveAreRefused(String type, String field, String named) {
        String config = "{\"model_type\": \"" + type + "\", \"num_experts_per_tok\": 3, " + field + "}";
        assertThatThrownBy(() -> facts(config).router(0, EXPERTS, "experts.7")).isInstanceOf(CheckpointException.class)
                .hasMessageContaining("config.json: " + named + ": found");
    }

    @Test
    void unknownFamiliesAreRefusedWithThoseThatAreKnown() {
        assertThatThrownBy(() -> facts("{\"model_type\": \"qwen9_moe\"}")).isInstanceOf(CheckpointException.class)
                .hasMessageContaining("model_type: found 'qwen9_moe', whose experts are not described")
                .hasMessageContaining("mixtral").hasMessageContaining("hunyuan_v1_moe");
        assertThatThrownBy(() -> facts("{\"num_experts\": 4}")).hasMessageContaining("model_type: found nothing");
        assertThatThrownBy(() -> facts("{\"model_type\": \"llama4\"}"))
                .hasMessageContaining("text_config: found nothing");
        assertThatThrownBy(() -> LanguageConfig.of(write("{\"model_type\": \"qwen3_moe\"}"), "draft.layers.0.mlp"))
                .hasMessageContaining("'draft.layers.0.mlp'").hasMessageContaining("'model.layers.'");
    }

    @Test
    void factsOfEachLanguageModelOfAModelAreItsOwn() {
        Path config = write("""
                {"model_type": "qwen3_omni_moe",
                 "thinker_config": {"text_config": {"num_experts_per_tok": 2}},
                 "talker_config": {"text_config": {"num_experts_per_tok": 6}}}""");
        assertThat(MoeFacts.of(LanguageConfig.of(config, "thinker.model.layers.0.mlp")).router(0, EXPERTS, "").topK())
                .isEqualTo(2);
        MoeFacts talker = MoeFacts.of(LanguageConfig.of(config, "talker.model.layers.0.mlp"));
        assertThat(talker.router(0, EXPERTS, "").topK()).isEqualTo(6);
        assertThat(talker.family().names().shared()).isPresent();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
            "mixtral       |                                                             | 0 1 2 3 4 5",
            "qwen3_moe     | , \"decoder_sparse_step\": 2, \"mlp_only_layers\": [3]      | 1 5",
            "deepseek_v3   |                                                             | 3 4 5",
            "deepseek_v3   | , \"first_k_dense_replace\": 1, \"moe_layer_freq\": 2       | 2 4",
            "glm4_moe      |                                                             | 1 2 3 4 5",
            "glm4_moe_lite | , \"mlp_layer_types\": [\"dense\", \"dense\", \"sparse\", \"dense\", \"sparse\", \"dense\"] | 2 4",
            "lfm2_moe      |                                                             | 2 3 4 5",
            "llama4_text   | , \"interleave_moe_layer_step\": 2                          | 1 3 5",
            "llama4_text   | , \"moe_layers\": [0, 4]                                    | 0 4",
            "ernie4_5_moe  | , \"moe_layer_interval\": 2, \"moe_layer_end_index\": 4     | 1 3",
            "dots1         | , \"first_k_dense_replace\": 4                              | 4 5"})
    void layersWithExperts(String type, String fields, String expected) {
        MoeFacts facts = facts("{\"model_type\": \"" + type + "\"" + (fields == null ? "" : fields) + "}");
        int[] layers = IntStream.range(0, 6).filter(facts::hasExperts).toArray();
        assertThat(IntStream.of(layers).mapToObj(String::valueOf)).containsExactly(expected.split(" "));
    }
}
