package org.quantado.schemes.select;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;
import org.quantado.schemes.Golden;
import org.quantado.schemes.checkpoint.Checkpoint;
import org.quantado.schemes.config.ModelConfig;
import org.quantado.schemes.config.QuantizationConfig;

/** The same choices as vLLM, of both eras, on no CUDA device and on those of every capability that was tried. */
@Tag("golden")
class SchemeSelectorGoldenTest {
    private static final List<String> CAPABILITIES = List.of("none", "75", "80", "89", "90", "100");

    @TestFactory
    Stream<DynamicTest> tableOfConfigs() {
        return Golden.tests("scheme_selection.json", path -> path.endsWith("scheme_selection.json"), file -> {
            for (JsonNode testCase : Golden.json(file).path("cases")) {
                QuantizationConfig config = QuantizationConfig.read(file,
                        (ObjectNode) testCase.path("quantization_config"));
                check(testCase.path("name").asText(), config, testCase.path("layer_name").asText(),
                        testCase.path("layer_class").asText(), testCase.path("result"));
            }
        });
    }

    @TestFactory
    Stream<DynamicTest> linearCases() {
        return Golden.tests("linear cases with a scheme",
                path -> path.endsWith("meta.json") && Golden.json(path).path("vllm_scheme").isObject(),
                file -> {
                    JsonNode meta = Golden.json(file);
                    String module = meta.path("module").asText();
                    check(file.toString(), config(file.getParent()), module,
                            module.endsWith("qkv_proj") ? "QKVParallelLinear" : "RowParallelLinear",
                            meta.path("vllm_scheme"));
                });
    }

    @TestFactory
    Stream<DynamicTest> malformedCasesThatGetToAScheme() {
        return Golden.tests("malformed cases with a scheme",
                path -> path.endsWith("expected.json") && Golden.json(path).at("/peer/vllm/head").isTextual()
                        && Golden.json(path).path("stage").asText().equals("load"),
                file -> check(file.toString(), config(file.getParent()),
                        Golden.json(file).path("module").asText(),
                        "RowParallelLinear", Golden.json(file).at("/peer/vllm")));
    }

    @TestFactory
    Stream<DynamicTest> checkpoints() {
        return Golden.tests("checkpoints with expected schemes",
                path -> path.endsWith("expected.json") && Golden.json(path).has("fused_modules"),
                SchemeSelectorGoldenTest::checkCheckpoint);
    }

    private static void checkCheckpoint(Path file) {
        JsonNode expected = Golden.json(file);
        QuantizationConfig config = config(file.getParent());
        Stream.of("modules", "fused_modules")
                .forEach(kind -> expected.path(kind).properties().forEach(module -> {
                    if (module.getValue().has("vllm_scheme")) {
                        check(module.getKey(), config, module.getKey(),
                                module.getValue().path("vllm_layer_class").asText(),
                                module.getValue().path("vllm_scheme"));
                    }
                }));
    }

    private static QuantizationConfig config(Path folder) {
        return ModelConfig.read(folder.resolve(Checkpoint.CONFIG_FILE_NAME)).quantization().orElseThrow();
    }

    private static void check(String name, QuantizationConfig config, String layer, String layerClass,
            JsonNode schemeOfEra) {
        for (Decisions era : List.of(Decisions.VLLM_HEAD, Decisions.VLLM_SEED)) {
            JsonNode expected = schemeOfEra.path(era == Decisions.VLLM_HEAD ? "head" : "seed");
            assertThat(expected.isMissingNode()).as(name).isFalse();
            for (String capability : CAPABILITIES) {
                OptionalInt device = capability.equals("none")
                        ? OptionalInt.empty()
                        : OptionalInt.of(Integer.parseInt(capability));
                Selection selection = new SchemeSelector(config, FusedModules.LLAMA, device, era).select(
                        layer,
                        layerClass);
                assertIs(name + " " + era + " " + capability, selection,
                        expected.has(capability) ? expected.path(capability) : expected);
            }
        }
    }

    private static void assertIs(String name, Selection selection, JsonNode expected) {
        if (expected.isNull()) {
            assertThat(selection).as(name).isInstanceOf(Selection.Unquantized.class);
        } else if (expected.isTextual()) {
            assertThat(selection).as(name).isInstanceOf(Selection.Selected.class);
            assertThat(((Selection.Selected) selection).scheme().peerClass()).as(name)
                    .isEqualTo(expected.asText());
        } else {
            assertThat(selection).as(name).isInstanceOf(Selection.Unsupported.class);
            Selection.Unsupported unsupported = (Selection.Unsupported) selection;
            assertThat(unsupported.peerError()).as(name).isEqualTo(expected.path("error").asText());
            assertThat(unsupported.peerMessage()).as(name).isEqualTo(expected.path("message").asText());
        }
    }
}
