package org.quantado.cli.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.offset;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.quantado.cli.CommandRun;
import org.quantado.cli.Golden;
import org.quantado.cli.report.ExitCode;
import org.quantado.schemes.checkpoint.DType;
import org.quantado.schemes.checkpoint.SafetensorsFile;
import org.quantado.schemes.checkpoint.SafetensorsLayout;
import org.quantado.schemes.checkpoint.SafetensorsWriter;
import org.quantado.schemes.checkpoint.Shape;
import org.quantado.schemes.checkpoint.Tensor;
import org.quantado.schemes.checkpoint.TensorInfo;

@Tag("device")
class RunCommandTest {
    private static final Path MXFP8 = Golden.kept("linear/mxfp8/m5_zero_groups");
    private static final Path FUSED = Golden.kept("linear/nvfp4/fused_qkv_m5");
    private static final Path EXPERTS = Golden.kept("moe/checkpoint/mxfp4");
    private static final String BLOCK = "model.layers.0.mlp";
    private static final String EXPECTED = "expected.safetensors";
    private static final String LAYER = "model.layers.0.self_attn.q_proj";
    /** Of the largest output: sums in float and in double differ by far less. */
    private static final double TOLERANCE = 1e-5;

    @TempDir
    private Path folder;
    private Path target;

    @BeforeEach
    void nameTarget() {
        target = folder.resolve("y.safetensors");
    }

    @Test
    void timesOfAFirstAndASecondCallAreToldApart() throws IOException {
        CommandRun run = run(MXFP8, LAYER);
        assertThat(run.exitCode()).as(run.err()).isEqualTo(ExitCode.DONE);
        assertThat(run.out()).containsPattern("first call \\(compiles\\) [0-9.]+ ms, second call [0-9.]+ ms");
    }

    @Test
    void writesTheResult() {
        CommandRun run = run(MXFP8, LAYER);
        assertThat(run.exitCode()).as(run.err()).isEqualTo(ExitCode.DONE);
        assertThat(run.out()).contains(LAYER, "x [5, 256] -> y [5, 96]", target.toString());
        assertResultIs(MXFP8, "y_ref_a8_head");
        assertThat(folder).isDirectoryNotContaining("glob:**.partial");
    }

    @Test
    void leavesActivationsAloneIfAsked() {
        assertThat(run(MXFP8, LAYER, "--activations", "off").exitCode()).isEqualTo(ExitCode.DONE);
        assertResultIs(MXFP8, "y_ref");
    }

    @Test
    void runsAFusedLayer() {
        assertThat(run(FUSED, "model.layers.0.self_attn.qkv_proj").exitCode()).isEqualTo(ExitCode.DONE);
        assertResultIs(FUSED, "y_ref");
    }

    @Test
    void runsABlockOfExpertsWithItsRouter() {
        assertThat(run(EXPERTS, BLOCK).exitCode()).isEqualTo(ExitCode.DONE);
        assertResultIs(EXPERTS, "y_ref");
    }

    @Test
    void runsABlockOfExpertsOnGivenExperts() {
        Path nvfp4 = Golden.kept("moe/other/nvfp4_w4a4_E3_H64_I48_unequal_input_scale");
        assertThat(run(nvfp4, BLOCK).exitCode()).isEqualTo(ExitCode.DONE);
        assertResultIs(nvfp4, "y_ref");
    }

    @Test
    void quantizesWhileLoading() {
        Path online = Golden.kept("linear/mxfp8_online/m5_bf16");
        run(online, LAYER).assertFailedWith(ExitCode.BAD_INPUT, LAYER, "unquantized");
        assertThat(run(online, LAYER, "--online", "mxfp8", "--json").json().path("y").asText()).isEqualTo("[5, 96]");
        assertResultIs(online, "y_ref_a8_head");
    }

    @Test
    void replacesOnlyIfForced() throws IOException {
        Files.writeString(target, "precious");
        run(MXFP8, LAYER).assertFailedWith(ExitCode.BAD_USAGE, target.toString(), "already exists", "--force");
        assertThat(target).content().isEqualTo("precious");
        assertThat(run(MXFP8, LAYER, "--force").exitCode()).isEqualTo(ExitCode.DONE);
        assertResultIs(MXFP8, "y_ref_a8_head");
    }

    @Test
    void namesLayersLikeTheUnknownOne() {
        run(MXFP8, "model.layers.0.self_attn.p_proj").assertFailedWith(ExitCode.BAD_INPUT, "p_proj", "no such layer",
                LAYER);
    }

    @Test
    void namesTensorsLikeTheUnknownOne() {
        run(MXFP8, LAYER, "--input-name", "x_qdq").assertFailedWith(ExitCode.BAD_INPUT, "x_qdq", "x_qdq_head");
    }

    @Test
    void inputHasAnotherWidth() {
        run(MXFP8, LAYER, "--input-name", "y_ref").assertFailedWith(ExitCode.BAD_INPUT, "'y_ref'", "[5, 96]",
                "[M, 256]");
    }

    @Test
    void takesTheOnlyTensorOfFloats() throws IOException {
        Path input = input(new SafetensorsLayout().tensor("states", DType.F32, Shape.of(2, 256))
                .tensor("ids", DType.I64, Shape.of(2)));
        CommandRun run = runOn(input);
        assertThat(run.exitCode()).as(run.err()).isEqualTo(ExitCode.DONE);
        try (SafetensorsFile expected = SafetensorsFile.open(MXFP8.resolve(EXPECTED));
                SafetensorsFile file = SafetensorsFile.open(target)) {
            Tensor y = file.tensor("y").requireShape(2, 96);
            assertThat(y.rows(0, 1).toFloats()).isEqualTo(expected.tensor("bias").toFloats());
            assertThat(y.rows(1, 2).toFloats()).isEqualTo(expected.tensor("bias").toFloats());
        }
    }

    @Test
    void inputIsAmbiguous() throws IOException {
        runOn(input(new SafetensorsLayout().tensor("a", DType.F32, Shape.of(2, 256)).tensor("b", DType.F32,
                Shape.of(2, 256)))).assertFailedWith(ExitCode.BAD_INPUT, "2 of floats", "--input-name");
    }

    @Test
    void inputHasNoFloats() throws IOException {
        runOn(input(new SafetensorsLayout().tensor("x", DType.I32, Shape.of(2, 256)))).assertFailedWith(
                ExitCode.BAD_INPUT, "in.safetensors", "'x'", "I32", "F32");
    }

    @Test
    void inputIsNotRows() throws IOException {
        runOn(input(new SafetensorsLayout().tensor("x", DType.F32, Shape.of(512)))).assertFailedWith(
                ExitCode.BAD_INPUT, "in.safetensors", "[512]", "[M, 256]");
    }

    @Test
    void outputFolderDoesNotExist() {
        target = folder.resolve("none/y.safetensors");
        run(MXFP8, LAYER).assertFailedWith(ExitCode.BAD_INPUT, folder.resolve("none").toString(), "no such file");
    }

    private CommandRun runOn(Path input) {
        return CommandRun.of("run", MXFP8, "--layer", LAYER, "--input", input, "--output", target);
    }

    private CommandRun run(Path checkpoint, String layer, String... options) {
        List<Object> arguments = new ArrayList<>(List.of("run", checkpoint, "--layer", layer, "--input",
                checkpoint.resolve(EXPECTED), "--output", target));
        arguments.addAll(List.of(options));
        return CommandRun.of(arguments.toArray());
    }

    /** A file whose tensors are all zero. */
    private Path input(SafetensorsLayout layout) throws IOException {
        Path input = folder.resolve("in.safetensors");
        try (SafetensorsWriter writer = SafetensorsWriter.create(input, layout)) {
            for (TensorInfo tensor : writer.tensors().values()) {
                writer.write(tensor.name(), MemorySegment.ofArray(new byte[(int) tensor.byteSize()]));
            }
            writer.commit();
        }
        return input;
    }

    private void assertResultIs(Path checkpoint, String reference) {
        try (SafetensorsFile expectedFile = SafetensorsFile.open(checkpoint.resolve(EXPECTED));
                SafetensorsFile file = SafetensorsFile.open(target)) {
            Tensor expected = expectedFile.tensor(reference);
            Tensor y = file.tensor("y").requireDType(DType.F32)
                    .requireShape(expected.shape().dimension(0), expected.shape().dimension(1));
            double largest = 0;
            for (float value : expected.toFloats()) {
                largest = Math.max(largest, Math.abs(value));
            }
            for (int i = 0; i < y.elements(); i++) {
                assertThat((double) y.floatAt(i)).isCloseTo(expected.floatAt(i),
                        offset(TOLERANCE * largest));
            }
        }
    }
}
