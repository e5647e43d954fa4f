package org.quantado.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

import com.fasterxml.jackson.databind.JsonNode;

class InspectCommandTest {
    private static final Path MXFP8 = Golden.kept("linear/mxfp8/m1");
    private static final Path BAD = Golden.kept("bad/missing_weight_scale");
    private static final Path NO_CONFIG = Golden.kept("bad/zero_size_tensors_valid");

    @TestFactory
    @Tag("golden")
    Stream<DynamicTest> badFolders() {
        return Golden.tests("malformed checkpoints",
                folder -> Golden.isBad(folder) && Files.exists(folder.resolve("expected.json")),
                InspectCommandTest::checkBad);
    }

    private static void checkBad(Path folder) {
        String must = Golden.json(folder.resolve("expected.json")).path("must").asText();
        CommandRun run = CommandRun.of("inspect", folder, "--json");
        JsonNode problems = run.json().path("checkpoints").path(0).path("problems");
        if (must.equals("accept") || (!must.equals("reject") && run.exitCode() == ExitCode.DONE)) {
            assertThat(run.exitCode()).as(run.err()).isEqualTo(ExitCode.DONE);
            assertThat(run.err()).isEmpty();
            assertThat(problems).isEmpty();
        } else {
            run.assertFailedWith(ExitCode.BAD_INPUT, folder.toString());
            assertThat(problems).isNotEmpty();
        }
    }

    @TestFactory
    @Tag("golden")
    Stream<DynamicTest> goodFolders() {
        return Golden.tests("checkpoints",
                folder -> !Golden.isBad(folder) && Files.exists(folder.resolve("config.json"))
                        && !folder.toString().contains("/moe/"),
                folder -> {
                    CommandRun run = CommandRun.of("inspect", folder, "--json");
                    assertThat(run.exitCode()).as(run.err()).isEqualTo(ExitCode.DONE);
                    assertThat(run.json().path("checkpoints").path(0).path("layers")).isNotEmpty();
                });
    }

    @Test
    void saysWhatALayerIs() {
        JsonNode layer = CommandRun.of("inspect", MXFP8, "--json").json().path("checkpoints").path(0).path("layers")
                .path(0);
        assertThat(layer.path("name").asText()).isEqualTo("model.layers.0.self_attn.q_proj");
        assertThat(layer.path("scheme").asText()).isEqualTo("CompressedTensorsW8A8Mxfp8");
        assertThat(layer.path("shape").toString()).isEqualTo("[64,128]");
        assertThat(layer.path("bytes").asLong()).isEqualTo(64 * 128 + 64 * 4);
        assertThat(layer.path("bitsPerWeight").asDouble()).isEqualTo(8.25);
        assertThat(layer.path("input").asText()).isEqualTo("8-bit float, dynamic group 32");
    }

    @Test
    void printsATable() {
        CommandRun run = CommandRun.of("inspect", MXFP8);
        assertThat(run.out()).contains("model.layers.0.self_attn.q_proj", "CompressedTensorsW8A8Mxfp8", "[64, 128]",
                "1 layers, 1 of them quantized; 8448 bytes");
        assertThat(run.err()).isEmpty();
    }

    @Test
    void saysWhyALayerIsNotQuantized() {
        assertThat(CommandRun.of("inspect", Golden.kept("linear/mxfp8_online/m5_bf16")).out())
                .contains("none: the checkpoint has no quantization_config");
    }

    @Test
    void showsLayersThatRunAsOne() {
        JsonNode fused = CommandRun.of("inspect", Golden.kept("linear/nvfp4/fused_qkv_m5"), "--json").json()
                .path("checkpoints").path(0).path("fusedLayers");
        assertThat(fused).hasSize(1);
        assertThat(fused.path(0).path("name").asText()).isEqualTo("model.layers.0.self_attn.qkv_proj");
        assertThat(fused.path(0).path("shape").toString()).isEqualTo("[128,256]");
    }

    @Test
    void explainsALayerThatRunsAsOneAndCannot(@TempDir Path folder) throws IOException {
        Path fused = Golden.kept("linear/nvfp4/fused_qkv_m5");
        Files.copy(fused.resolve("model.safetensors"), folder.resolve("model.safetensors"));
        Files.writeString(folder.resolve("config.json"), Files.readString(fused.resolve("config.json"))
                .replace("\"ignore\": []", "\"ignore\": [\"re:.*k_proj\"]"));
        JsonNode checkpoint = CommandRun.of("inspect", folder, "--json").json().path("checkpoints").path(0);
        assertThat(checkpoint.path("layers").path(0).path("reason").asText()).contains("ignore list", "re:.*k_proj");
        JsonNode qkv = checkpoint.path("fusedLayers").path(0);
        assertThat(qkv.has("scheme")).isFalse();
        assertThat(qkv.path("reason").asText()).contains("only the parts", "k_proj");
    }

    @Test
    void listsTensorsWhereThereIsNoConfig() {
        CommandRun folder = CommandRun.of("inspect", NO_CONFIG, "--json");
        CommandRun file = CommandRun.of("inspect", NO_CONFIG.resolve("model.safetensors"), "--json");
        assertThat(folder.exitCode()).isEqualTo(ExitCode.DONE);
        JsonNode tensors = folder.json().path("checkpoints").path(0).path("tensors");
        assertThat(tensors).isNotEmpty();
        assertThat(file.json().path("checkpoints").path(0).path("tensors")).isEqualTo(tensors);
    }

    @Test
    void showsTheTableOfABadCheckpointToo() {
        CommandRun run = CommandRun.of("inspect", BAD);
        run.assertFailedWith(ExitCode.BAD_INPUT, "weight_scale");
        assertThat(run.out()).contains("model.layers.0.self_attn.q_proj", "Problem: ");
    }

    @Test
    void goesOnAfterABadCheckpoint() {
        CommandRun run = CommandRun.of("inspect", BAD, MXFP8, Golden.kept("bad/empty_file"), "--json");
        run.assertFailedWith(ExitCode.BAD_INPUT, "missing_weight_scale", "(and 1 more)");
        assertThat(run.json().path("checkpoints")).hasSize(3);
    }

    @Test
    void collectsTheProblemsOfAllLayers(@TempDir Path parent) throws IOException {
        DemoCheckpoint.write(Files.createDirectory(parent.resolve("demo")));
        Path folder = parent.resolve("quantized");
        CommandRun.of("quantize", parent.resolve("demo"), folder, "--preset", "W8A8");
        Path config = folder.resolve("config.json");
        JsonNode quantization = Golden.json(MXFP8.resolve("config.json")).path("quantization_config");
        Files.writeString(config, "{\"torch_dtype\": \"bfloat16\", \"quantization_config\": " + quantization + "}");
        CommandRun run = CommandRun.of("inspect", folder, "--json");
        run.assertFailedWith(ExitCode.BAD_INPUT, "(and 6 more)");
        assertThat(run.json().path("checkpoints").path(0).path("problems")).hasSize(7);
    }

    @Test
    void folderDoesNotExist(@TempDir Path folder) {
        CommandRun.of("inspect", folder.resolve("none")).assertFailedWith(ExitCode.BAD_INPUT, "none",
                "no such file");
    }

    @Test
    void showsBlocksOfExperts() {
        Path experts = Golden.kept("moe/checkpoint/mxfp4");
        JsonNode block = CommandRun.of("inspect", experts, "--json").json().path("checkpoints").path(0).path("blocks")
                .path(0);
        assertThat(block.path("name").asText()).isEqualTo("model.layers.0.mlp");
        assertThat(block.path("experts").asInt()).isEqualTo(8);
        assertThat(block.path("topK").asInt()).isEqualTo(2);
        assertThat(block.path("method").asText()).isEqualTo("CompressedTensorsW4A4Mxfp4MoEMethod");
        assertThat(CommandRun.of("inspect", experts).out()).contains("block of experts",
                "CompressedTensorsW4A4Mxfp4MoEMethod");
    }

    @Test
    void saysWhatIsWrongWithABlockOfExperts(@TempDir Path copy) throws IOException {
        Path experts = Golden.kept("moe/checkpoint/mxfp4");
        try (Stream<Path> files = Files.list(experts)) {
            for (Path file : files.toList()) {
                Files.copy(file, copy.resolve(file.getFileName()));
            }
        }
        String config = Files.readString(copy.resolve("config.json"));
        Files.writeString(copy.resolve("config.json"), config.replace("\"num_experts\": 8", "\"num_experts\": 9"));
        CommandRun.of("inspect", copy).assertFailedWith(ExitCode.BAD_INPUT, "number of experts", "found 9, expected 8");
    }
}
