package org.quantado.schemes.select;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.quantado.schemes.config.ConfigTexts;
import org.quantado.schemes.config.QuantizationConfig;
import org.quantado.schemes.select.Selection.Selected;
import org.quantado.schemes.select.Selection.Unquantized;
import org.quantado.schemes.select.Selection.Unsupported;

class SchemeSelectorTest {
    private static final String W4_GROUP = "'weights':{'num_bits':4,'group_size':128}";
    private static final String W8_CHANNEL = "'weights':{'num_bits':8,'strategy':'channel'}";
    private static final String LAYER = "model.layers.0.self_attn.";

    private static QuantizationConfig config(String groups, String ignore) {
        return ConfigTexts.read(
                "{'format':'pack-quantized','config_groups':{" + groups + "},'ignore':[" + ignore + "]}");
    }

    private static String group(String name, String targets, String args) {
        return "'" + name + "':{'targets':[" + targets + "]," + args + "}";
    }

    private static Selection select(String groups, String ignore, String layer, String className) {
        return SchemeSelector.of(config(groups, ignore)).select(layer, className);
    }

    @Test
    void takesTheNameBeforeThePartsBeforeTheClass() {
        String groups = group("by_class", "'Linear'", W4_GROUP) + ","
                + group("by_part", "'re:.*\\\\.(q|k|v)_proj$'", W8_CHANNEL) + ","
                + group("by_name", "'" + LAYER + "qkv_proj'", W8_CHANNEL);
        assertThat(groupOf(select(groups, "", LAYER + "qkv_proj", "QKVParallelLinear"))).isEqualTo("by_name");
        assertThat(groupOf(select(groups, "", "model.layers.1.self_attn.qkv_proj", "QKVParallelLinear")))
                .isEqualTo("by_part");
        assertThat(groupOf(select(groups, "", LAYER + "o_proj", "RowParallelLinear"))).isEqualTo("by_class");
        Selection seed = new SchemeSelector(config(groups, ""), FusedModules.LLAMA, OptionalInt.empty(),
                Decisions.VLLM_SEED)
                .select("model.layers.1.self_attn.qkv_proj", "QKVParallelLinear");
        assertThat(groupOf(seed)).isEqualTo("by_class");
    }

    private static String groupOf(Selection selection) {
        return ((Selected) selection).groupName();
    }

    @Test
    void needsATargetForEveryPart() {
        String groups = group("g", "'re:.*q_proj','re:.*k_proj'", W4_GROUP);
        assertThat(select(groups, "", LAYER + "qkv_proj", "QKVParallelLinear"))
                .isInstanceOf(Unquantized.class);
    }

    @Test
    void ignoresWholesAndAllPartsAndNotSome() {
        String groups = group("g", "'Linear'", W4_GROUP);
        String[] allParts = {"'" + LAYER + "qkv_proj'", "'re:.*_proj'",
                "'" + LAYER + "q_proj','" + LAYER + "k_proj','" + LAYER + "v_proj'"};
        for (String ignore : allParts) {
            assertThat(select(groups, ignore, LAYER + "qkv_proj", "Linear")).isInstanceOf(Unquantized.class);
        }
        assertThat(select(groups, "'Linear'", LAYER + "q_proj", "Linear")).isInstanceOf(Selected.class);
        Selection some = select(groups, "'" + LAYER + "k_proj'", LAYER + "qkv_proj", "QKVParallelLinear");
        assertThat(some).isInstanceOf(Unsupported.class);
        assertThat(((Unsupported) some).explanation()).contains(LAYER + "k_proj").doesNotContain("q_proj");
        assertThat(((Unsupported) some).peerMessage())
                .isEqualTo("Found a different quantization schemes for ['q_proj', 'k_proj', 'v_proj'] in "
                        + LAYER
                        + "qkv_proj. vLLM requires all to use the same scheme.");
    }

    @Test
    void theLastGroupOfATargetCounts() {
        String groups = group("a", "'Linear'", W4_GROUP) + "," + group("b", "'Linear'", W8_CHANNEL);
        assertThat(groupOf(select(groups, "", "x", "Linear"))).isEqualTo("b");
    }

    @Test
    void headsAndEmbeddingsNeedATargetOfTheirOwn() {
        String groups = group("g", "'Linear'", W4_GROUP);
        assertThat(select(groups, "", "lm_head", "ParallelLMHead")).isInstanceOf(Unquantized.class);
        assertThat(select(groups, "", "model.embed_tokens", "VocabParallelEmbedding"))
                .isInstanceOf(Unquantized.class);
        String named = group("g", "'lm_head','re:.*embed_tokens'", W4_GROUP);
        assertThat(select(named, "", "lm_head", "ParallelLMHead")).isInstanceOf(Selected.class);
        assertThat(((Selected) select(named, "", "model.embed_tokens", "VocabParallelEmbedding")).scheme())
                .isEqualTo(SchemeName.EMBEDDING_WNA16_INT);
        String floats = group("g", "'re:.*embed_tokens'", "'weights':{'type':'float','strategy':'channel'}");
        assertThat(select(floats, "", "model.embed_tokens", "VocabParallelEmbedding"))
                .isInstanceOf(Unsupported.class);
        assertThat(SchemeSelector.of(config(named, "")).select("lm_head_norm", LayerClass.NORM))
                .isInstanceOf(Unquantized.class);
    }

    @Test
    void groupsForAttentionAreNotForLayers() {
        String groups = group("a", "'LlamaAttention'", W4_GROUP) + ","
                + group("b", "'re:.*q_proj'", W4_GROUP);
        assertThat(select(groups, "", "model.self_attn", "LlamaAttention")).isInstanceOf(Unquantized.class);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
            "{'num_bits':9,'strategy':'channel'} | null | pack-quantized | ValueError | Unsupported num_bits = 9. Supported num_bits = [2, 3, 4, 5, 6, 7, 8] | weights of 9 bits",
            "{'num_bits':1,'strategy':'channel'} | {'strategy':'token','dynamic':true} | pack-quantized | ValueError | Unsupported num_bits = 1 for WNA8Int; supported = [2, 3, 4, 5, 6, 7, 8] | weights of 1 bits",
            "{'num_bits':4,'strategy':'channel'} | {'num_bits':6,'strategy':'token','dynamic':true} | pack-quantized | NotImplementedError | No compressed-tensors compatible scheme was found for layer_name='x' | needs inputs of 8 bits",
            "{'num_bits':8,'strategy':'channel'} | null | int-quantized | AssertionError | `` | needs quantized inputs",
            "{'num_bits':4,'strategy':'tensor_group','group_size':16,'type':'float'} | {'type':'float'} | nvfp4-pack-quantized | ValueError | For NVFP4 weights, input quantization must also be NVFP4 format | NVFP4 weights and other inputs",
            "{'num_bits':8,'strategy':'tensor'} | {'strategy':'token','dynamic':true} | mixed-precision | NotImplementedError | No compressed | needs format int-quantized",
            "null | null | pack-quantized | ValidationError | Input should be a valid dictionary | has no weights",
    })
    void saysWhichConditionFailed(String weights, String input, String format, String error, String message,
            String explanation) {
        QuantizationConfig config = ConfigTexts
                .read("{'format':'" + format + "','config_groups':{'group_7':{'targets':"
                        + "['Linear'],'weights':" + weights + ",'input_activations':" + input + "}}}");
        Selection selection = SchemeSelector.of(config).select("x", "Linear");
        assertThat(selection).isInstanceOf(Unsupported.class);
        Unsupported unsupported = (Unsupported) selection;
        assertThat(unsupported.peerError()).isEqualTo(error);
        assertThat(unsupported.peerMessage()).startsWith(message == null ? "" : message);
        assertThat(unsupported.explanation()).contains("config group group_7").contains(explanation);
        assertThat(unsupported.toException(Path.of("config.json"), "x"))
                .hasMessageStartingWith("config.json: layer 'x'");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
            "{'num_bits':5,'strategy':'channel'} | {'strategy':'token','dynamic':true} | WNA8_INT",
            "{'num_bits':4,'strategy':'channel','symmetric':false} | {'num_bits':4,'group_size':32,'dynamic':true} | WNA4_INT",
            "{'num_bits':7,'strategy':'channel'} | null | WNA16",
    })
    void choosesPackedIntegers(String weights, String input, SchemeName scheme) {
        Selection selection = select(
                "'g':{'targets':['Linear'],'weights':" + weights + ",'input_activations':" + input
                        + "}",
                "", "x", "Linear");
        assertThat(selection).isInstanceOf(Selected.class);
        assertThat(((Selected) selection).scheme()).isEqualTo(scheme);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
            "{'num_bits':3,'group_size':128} | {'num_bits':4,'strategy':'token','dynamic':true} | WNA4_INT",
            "{'num_bits':4,'strategy':'channel'} | {'num_bits':4,'group_size':32,'dynamic':true} | WNA4_INT",
            "{'num_bits':5,'strategy':'channel'} | {'group_size':32,'dynamic':true} | WNA8_INT",
    })
    void choosesUnpackedIntegersOnEveryDevice(String weights, String input, SchemeName scheme) {
        QuantizationConfig config = ConfigTexts.read("{'format':'int-quantized','config_groups':{'g':{'targets':"
                + "['Linear'],'weights':" + weights + ",'input_activations':" + input + "}}}");
        assertThat(((Selected) SchemeSelector.of(config).select("x", "Linear")).scheme()).isEqualTo(scheme);
        SchemeSelector peer = new SchemeSelector(config, FusedModules.LLAMA, OptionalInt.empty(),
                Decisions.VLLM_HEAD);
        assertThat(peer.select("x", "Linear")).isInstanceOf(Unsupported.class);
    }

    @Test
    void packedWeightsOfAnyWidthHaveZeroPointsOnEveryDevice() {
        QuantizationConfig config = ConfigTexts.read("{'format':'pack-quantized','config_groups':{'g':{'targets':"
                + "['Linear'],'weights':{'num_bits':3,'strategy':'channel','symmetric':false}}}}");
        assertThat(((Selected) SchemeSelector.of(config).select("x", "Linear")).scheme()).isEqualTo(SchemeName.WNA16);
        Selection peer = new SchemeSelector(config, FusedModules.LLAMA, OptionalInt.empty(), Decisions.VLLM_HEAD)
                .select("x", "Linear");
        assertThat(((Unsupported) peer).peerMessage())
                .isEqualTo("Asymmetric quantization not supported for num_bits = 3. Supported: [4, 8]");
    }

    @Test
    void tellsTheGroupOfALayerForSchemesOfItsOwn() {
        SchemeSelector selector = SchemeSelector.of(config(group("g", "'Linear'", W4_GROUP), "'re:.*gate$'"));
        assertThat(selector.groupOf("mlp.experts.0.up_proj", "Linear")).map(group -> group.name())
                .contains("g");
        assertThat(selector.groupOf("mlp.gate", "Linear")).isEmpty();
        assertThat(selector.groupOf("norm", "RMSNorm")).isEmpty();
    }

    @Test
    void aLayerMayBeCalledAnything() {
        assertThat(select(group("g", "'Linear'", W4_GROUP), "'x'", "re:(", "Linear"))
                .isInstanceOf(Selected.class);
    }

    @Test
    void fusedModulesAreOnesOwn() {
        FusedModules fused = new FusedModules(Map.of("in_proj", List.of("in_a", "in_b")));
        assertThat(fused.partsOf("m.in_proj")).contains(List.of("m.in_a", "m.in_b"));
        assertThat(fused.partsOf("m.in_proj.x")).isEmpty();
    }
}
