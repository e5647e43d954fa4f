package org.quantado.cli.inspect;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import org.quantado.cli.CommandRun;
import org.quantado.cli.Golden;
import org.quantado.cli.TextModels;
import org.quantado.cli.SmallLlama;
import org.quantado.cli.report.ExitCode;

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
        assertThat(run.out()).contains("model.layers.0.self_attn.q_proj", "MXFP8 (weights", "[64, 128]",
                "1 layers, 1 of them quantized; 8.4 kB");
        assertThat(run.err()).isEmpty();
    }

    @Test
    void packedLayersThatNoGroupPointsAtAreAProblem(@TempDir Path folder) throws IOException {
        for (String kept : List.of("linear/mxfp8/m1", "linear/nvfp4/fused_qkv_m5")) {
            Path copy = Files.createDirectories(folder.resolve(kept));
            Files.copy(Golden.kept(kept).resolve("model.safetensors"), copy.resolve("model.safetensors"));
            String config = Files.readString(Golden.kept(kept).resolve("config.json"));
            Files.writeString(copy.resolve("config.json"),
                    config.replaceFirst("\"targets\": \\[[^\\]]*\\]", "\"targets\": [\"re:.*nothing\"]"));
            CommandRun.of("inspect", copy).assertFailedWith(ExitCode.BAD_INPUT, "a tensor of a quantized layer",
                    "no config group points at it");
        }
    }

    @Test
    void whatCannotBeOpenedIsNotCounted(@TempDir Path folder) {
        CommandRun run = CommandRun.of("inspect", folder);
        run.assertFailedWith(ExitCode.BAD_INPUT, "an empty folder");
        assertThat(run.out()).contains("Problem: ").doesNotContain("0 tensors", "0 bytes");
    }

    @Test
    void namesSayWhatRuns(@TempDir Path folder) throws IOException {
        Path in = Files.createDirectory(folder.resolve("in"));
        SmallLlama.write(in);
        for (String preset : List.of("NVFP4A16", "MXFP4", "W4A16", "W8A8", "FP8_DYNAMIC", "W4A8")) {
            Path out = folder.resolve(preset);
            assertThat(CommandRun.of("quantize", in, out, "--preset", preset).exitCode()).isZero();
            JsonNode checkpoint = CommandRun.of("inspect", out, "--json").json().path("checkpoints").path(0);
            String expected = preset.equals("FP8_DYNAMIC") ? "FP8" : preset;
            assertThat(checkpoint.path("layers").findValuesAsText("runsAs")).isNotEmpty().containsOnly(expected);
            JsonNode summary = checkpoint.path("summary").path(0);
            assertThat(summary.path("runsAs").asText()).isEqualTo(expected);
            assertThat(summary.path("layers").asInt()).isEqualTo(7);
            assertThat(summary.path("bytes").asLong()).isEqualTo(checkpoint.path("bytes").asLong());
            assertThat(summary.path("bitsPerWeight").asDouble()).isBetween(4.0, 8.5);
        }
    }

    @Test
    void layersThatAreAlikeShareALine() {
        Path experts = Golden.kept("moe/checkpoint/mxfp4");
        CommandRun folded = CommandRun.of("inspect", experts);
        assertThat(folded.out()).contains("model.layers.0.mlp.experts.{0-7}.up_proj")
                .doesNotContain("experts.3.up_proj")
                .containsPattern("(?m)^runs as +layers +size +bits/weight$").containsPattern("(?m)^MXFP4A?1?6? +24 ");
        assertThat(CommandRun.of("inspect", experts, "--all").out()).contains("model.layers.0.mlp.experts.3.up_proj")
                .doesNotContain("{0-7}");
    }

    @Test
    void numbersOfBlocksBecomeRanges() {
        List<String> names = List.of("a.0.b", "a.1.b", "a.2.b", "a.0.c", "a.4.c", "d1.7.x", "e");
        assertThat(Alike.of(names, name -> name, name -> "")).extracting(Alike::name).containsExactly("a.{0-2}.b",
                "a.{0,4}.c", "d1.7.x", "e");
        assertThat(Alike.of(List.of("a.0", "a.1"), name -> name, name -> name)).hasSize(2);
    }

    @Test
    void namesReachNoTerminal(@TempDir Path folder) throws IOException {
        Path copy = Files.createDirectory(folder.resolve("a\u001b[31m\nb"));
        Files.copy(MXFP8.resolve("model.safetensors"), copy.resolve("model.safetensors"));
        CommandRun run = CommandRun.of("inspect", copy);
        assertThat(run.exitCode()).isZero();
        assertThat(run.out()).contains("a\\u001b[31m\\nb").doesNotContain("\u001b");
        CommandRun missing = CommandRun.of("inspect", copy.resolve("c\u001b[2J"));
        missing.assertFailedWith(ExitCode.BAD_INPUT, "a\\u001b[31m\\nb/c\\u001b[2J");
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
        SmallLlama.write(Files.createDirectory(parent.resolve("demo")));
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
    void saysWhetherAModelGivesTextAndWhatMemoryItTakes(@TempDir Path folder) throws IOException {
        assertThat(CommandRun.of("inspect", TextModels.tales()).out()).contains("Runs as text.",
                "Memory: weights 3.2 MB", "for a context of 512 tokens of 512");
        JsonNode shorter = text(TextModels.tales(), "--context", 128);
        assertThat(shorter.path("runsAsText").asBoolean()).isTrue();
        assertThat(shorter.at("/memory/cacheBytes").asLong())
                .isEqualTo(text(TextModels.tales()).at("/memory/cacheBytes").asLong() / 4).isPositive();
        CommandRun.of("inspect", TextModels.tales(), "--context", 513).assertFailedWith(ExitCode.BAD_INPUT, "513",
                "512");
        CommandRun.of("inspect", TextModels.tales(), "--context", 0).assertFailedWith(ExitCode.BAD_USAGE, "--context",
                "0");
        Files.delete(TextModels.copy(folder).resolve("tokenizer.json"));
        assertThat(text(folder).path("hindrance").asText()).contains("no tokenizer.json");
        assertThat(text(folder).path("memory").isObject()).isTrue();
        Files.writeString(folder.resolve("config.json"), "{\"model_type\": \"lama\"}");
        assertThat(CommandRun.of("inspect", folder).out()).contains("Does not run as text: ", "lama", "llama");
    }

    private static JsonNode text(Path folder, Object... options) {
        Object[] arguments = Stream.concat(Stream.of("inspect", folder, "--json"), Stream.of(options)).toArray();
        return CommandRun.of(arguments).json().path("checkpoints").path(0).path("text");
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
