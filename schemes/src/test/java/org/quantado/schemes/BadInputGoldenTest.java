package org.quantado.schemes;

import static java.util.Map.entry;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;
import org.quantado.schemes.checkpoint.CheckpointException;
import org.quantado.schemes.checkpoint.TensorInfo;
import org.quantado.schemes.linear.SchemeException;
import org.quantado.schemes.model.Model;
import org.quantado.schemes.model.ModelLayer;

/** Malformed checkpoints are refused in one line that says what is wrong; odd but valid ones are read. */
@Tag("golden")
class BadInputGoldenTest {
    /** What the message about a known case must speak of. */
    private static final Map<String, List<String>> MUST_NAME = Map.ofEntries(
            entry("duplicate_keys", List.of("model.safetensors", "header", "'a'")),
            entry("duplicate_keys_same_offsets", List.of("model.safetensors", "header", "'a'")),
            entry("empty_file", List.of("model.safetensors", "header length", "0 bytes", "8 bytes")),
            entry("header_is_array", List.of("model.safetensors", "header", "JSON object")),
            entry("header_length_beyond_file", List.of("model.safetensors", "header length", "at most")),
            entry("index_not_json", List.of("model.safetensors.index.json", "JSON")),
            entry("missing_data_offsets", List.of("model.safetensors", "tensor 'a'", "no data_offsets")),
            entry("missing_shard", List.of("model.safetensors.index.json", "'b.weight'",
                    "model-00002-of-00002.safetensors", "does not exist")),
            entry("negative_group_size",
                    List.of("config.json", "config_groups.group_0.weights.group_size", "found -5",
                            "positive")),
            entry("offset_beyond_file", List.of("model.safetensors", "tensor 'a'", "data_offsets")),
            entry("offsets_size_mismatch",
                    List.of("model.safetensors", "tensor", "12 bytes", "16 bytes", "F32 [4]")),
            entry("other_quant_method",
                    List.of("config.json", "config_groups", "not permitted", "checkpoint_format")),
            entry("trailing_bytes", List.of("model.safetensors", "data")),
            entry("truncated_data", List.of("model.safetensors", "tensor", "data_offsets", "the file holds")),
            entry("unknown_dtype", List.of("model.safetensors", "tensor 'a' dtype", "'F7'", "F32")),
            entry("unknown_format",
                    List.of("config.json", "config_groups.group_0.format", "'super-quantized'",
                            "pack-quantized")),
            entry("unknown_weight_arg",
                    List.of("config.json", "config_groups.group_0.weights.extra_field", "not permitted")),
            entry("unknown_quant_method",
                    List.of("config.json", "quant_method", "'zstd-quant'", "compressed-tensors, fp8, mxfp4")),
            entry("mxfp4_scales_wrong_shape",
                    List.of("'model.layers.0.mlp.experts.gate_up_proj_scales'", "[4, 192, 1]", "[4, 192, 2]")),
            entry("k_not_divisible_by_group", List.of("input_size_per_partition=100", "group_size=32", "q_proj")),
            entry("missing_weight_scale", List.of("q_proj.weight_scale", ": found ", ", expected ")),
            entry("missing_weight_shape", List.of("q_proj.weight_shape", ": found ", ", expected ")),
            entry("mxfp4_scale_byte_255", List.of("q_proj.weight_scale", "[1, 2]", "finite")),
            entry("nan_inf_scale_int4", List.of("q_proj.weight_scale", "[3, 0]", "NaN", "finite")),
            entry("weight_packed_wrong_shape", List.of("q_proj.weight_packed", "[32, 15]", "[32, 16]")),
            entry("wrong_scale_dtype", List.of("q_proj.weight_scale", "F32", "U8")),
            entry("wna8o8_num_bits_3", List.of("config.json", "model.layers.0.self_attn.q_proj",
                    "Unsupported num_bits = 3 for WNA8O8Int; supported = [2, 4, 8]")));

    @TestFactory
    Stream<DynamicTest> cases() {
        return Golden.tests("malformed checkpoints",
                path -> Golden.isBad(path) && path.endsWith("expected.json"), BadInputGoldenTest::check);
    }

    private static void check(Path expectedFile) {
        Path folder = expectedFile.getParent();
        JsonNode expected = Golden.json(expectedFile);
        String must = expected.path("must").asText();
        if (must.equals("accept")) {
            assertThatCode(() -> read(folder)).doesNotThrowAnyException();
            return;
        }
        Throwable thrown = catchThrowable(() -> read(folder));
        if (thrown == null && !must.equals("reject")) {
            return;
        }
        assertThat(thrown).isInstanceOfAny(CheckpointException.class, SchemeException.class);
        assertThat(thrown).message().doesNotContain("\n").contains(folder.toString())
                .contains(MUST_NAME.getOrDefault(folder.getFileName().toString(), List.of(": found ", ", expected ")));
    }

    /** All that is read without running a layer: headers, index, config, the choice of a scheme, tensors and scales. */
    private static void read(Path folder) {
        try (Model model = Model.open(folder)) {
            for (TensorInfo tensor : model.checkpoint().infos().values()) {
                assertThat(model.checkpoint().tensor(tensor.name()).data().byteSize()).isEqualTo(tensor.byteSize());
            }
            model.layers().forEach(ModelLayer::check);
        }
    }
}
