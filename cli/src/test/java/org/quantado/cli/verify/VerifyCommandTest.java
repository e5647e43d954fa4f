package org.quantado.cli.verify;

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
import org.quantado.cli.report.ExitCode;
import org.quantado.kernels.matmul.FlavourChoice;

import com.fasterxml.jackson.databind.JsonNode;

@Tag("device")
class VerifyCommandTest {
    private static final Path MXFP8 = Golden.kept("linear/mxfp8/m1");
    private static final Path NOTHING = Golden.kept("bad/empty_header_valid");

    @TempDir
    private Path folder;

    @TestFactory
    @Tag("golden")
    Stream<DynamicTest> folders() {
        return Golden.tests("references",
                candidate -> Files.exists(candidate.resolve("config.json"))
                        && Files.exists(candidate.resolve("expected.safetensors")),
                candidate -> {
                    CommandRun run = CommandRun.of("verify", candidate, "--json");
                    assertThat(run.exitCode()).as(run.err()).isEqualTo(ExitCode.DONE);
                    assertThat(run.json().path("passed").asBoolean()).isTrue();
                });
    }

    @Test
    void saysHowFarEachLayerIs() {
        JsonNode json = CommandRun.of("verify", MXFP8, Golden.kept("linear/nvfp4/fused_qkv_m5"), "--json").json();
        assertThat(json.path("engine").path("device").asText()).isEqualTo("0:0");
        assertThat(json.path("folders")).hasSize(2);
        JsonNode layer = json.path("folders").path(0).path("layers").path(0);
        assertThat(layer.path("scheme").asText()).isEqualTo("CompressedTensorsW8A8Mxfp8");
        assertThat(List.of(layer.path("rows").asInt(), layer.path("outputs").asInt(), layer.path("inputs").asInt()))
                .containsExactly(1, 64, 128);
        assertThat(layer.path("worstError").asDouble()).isLessThan(1);
        assertThat(layer.path("applyMillis").asDouble()).isPositive();
    }

    @Test
    void saysHowFarABlockOfExpertsIs() {
        JsonNode layer = CommandRun.of("verify", Golden.kept("moe/checkpoint/mxfp4"), "--json").json().path("folders")
                .path(0).path("layers").path(0);
        assertThat(layer.path("layer").asText()).isEqualTo("model.layers.0.mlp");
        assertThat(layer.path("scheme").asText()).isEqualTo("CompressedTensorsW4A4Mxfp4MoEMethod");
        assertThat(layer.path("passed").asBoolean()).isTrue();
    }

    @Test
    void flavourMayBeForced() {
        try {
            for (String flavour : List.of("portable", "gpu")) {
                JsonNode json = CommandRun
                        .of("verify", MXFP8, Golden.kept("moe/checkpoint/mxfp4"), "--flavour", flavour, "--json")
                        .json();
                assertThat(json.path("engine").path("flavour").asText()).isEqualTo(flavour);
                assertThat(json.path("passed").asBoolean()).isTrue();
            }
        } finally {
            System.clearProperty(FlavourChoice.FLAVOUR_PROPERTY);
        }
    }

    @Test
    void printsATable() {
        CommandRun run = CommandRun.of("verify", MXFP8);
        assertThat(run.out()).contains(MXFP8.toString(), "model.layers.0.self_attn.q_proj", "ok",
                "1 layers of 1 folders: all within tolerance");
    }

    @Test
    void activationsMayBeLeftAlone() {
        assertThat(CommandRun.of("verify", MXFP8, "--activations", "off").exitCode()).isEqualTo(ExitCode.DONE);
    }

    @Test
    void wrongReferenceFails() throws IOException {
        for (String name : List.of("config.json", "meta.json", "model.safetensors", "expected.safetensors")) {
            Files.copy(MXFP8.resolve(name), folder.resolve(name));
        }
        String meta = Files.readString(folder.resolve("meta.json"));
        Files.writeString(folder.resolve("meta.json"),
                meta.replace("\"config\": \"y_ref_a8_head\"", "\"config\": \"y_ref\""));
        CommandRun run = CommandRun.of("verify", MXFP8, folder, "--json");
        run.assertFailedWith(ExitCode.CHECK_FAILED, folder.toString(), "model.layers.0.self_attn.q_proj",
                "times the tolerance");
        assertThat(run.json().path("passed").asBoolean()).isFalse();
        assertThat(run.json().path("folders").path(0).path("passed").asBoolean()).isTrue();
    }

    @Test
    void folderHasNothingToVerify() {
        CommandRun run = CommandRun.of("verify", NOTHING, MXFP8, "--json");
        run.assertFailedWith(ExitCode.BAD_INPUT, NOTHING.toString(), "expected.safetensors");
        assertThat(run.json().path("folders").path(1).path("passed").asBoolean()).isTrue();
    }
}
