package org.quantado.schemes.quantize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.quantado.kernels.engine.Conf;
import org.quantado.schemes.checkpoint.CheckpointException;
import org.quantado.schemes.checkpoint.DType;
import org.quantado.schemes.checkpoint.LittleEndian;
import org.quantado.schemes.checkpoint.SafetensorsFile;
import org.quantado.schemes.checkpoint.SafetensorsLayout;
import org.quantado.schemes.checkpoint.SafetensorsWriter;
import org.quantado.schemes.checkpoint.Shape;
import org.quantado.schemes.config.Target;

/** What cannot be quantized is refused in a sentence that says why, and leaves nothing behind. */
class RefusalTest {
    private static final QuantizationRequest W4A16 = QuantizationRequest.of(Preset.named("W4A16"));

    @TempDir
    Path folder;
    private Path in;
    private List<Path> before;

    @BeforeEach
    void writeInput() throws IOException {
        in = SyntheticCheckpoint.llama(folder.resolve("in"), DType.BF16, 1);
        before = files();
    }

    @AfterEach
    void nothingIsLeft() throws IOException {
        assertThat(files()).isEqualTo(before);
        System.clearProperty(Conf.FOLDER_PROPERTY);
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.sorted().toList();
        }
    }

    private void assertRefused(Path input, Path out, QuantizationRequest request, Class<?> type, String... parts)
            throws IOException {
        before = files();
        assertThatThrownBy(() -> CheckpointQuantizer.quantize(input, out, request, QuantizationProgress.NONE))
                .isInstanceOf(type).message().contains(parts).doesNotContain("\n");
    }

    private void assertRefused(QuantizationRequest request, Class<?> type, String... parts) throws IOException {
        assertRefused(in, folder.resolve("out"), request, type, parts);
    }

    @Test
    void outputThatExists() throws IOException {
        Path out = Files.createDirectory(folder.resolve("out"));
        Files.writeString(out.resolve("mine"), "");
        assertRefused(in, out, W4A16, QuantizeException.class, "out", "exists and is not overwritten");
    }

    @Test
    void outputThatIsTheInputOrInIt() throws IOException {
        assertRefused(in, in, W4A16, QuantizeException.class, "the input");
        assertRefused(in, in.resolve("out"), W4A16, QuantizeException.class, "the input or a folder in it");
        Path link = Files.createSymbolicLink(folder.resolve("link"), in);
        assertRefused(in, link.resolve("out"), W4A16, QuantizeException.class, "the input or a folder in it");
        Files.delete(link);
        before = files();
    }

    @Test
    void inputWhereThePartsWouldGo() throws IOException {
        Path partial = SyntheticCheckpoint.llama(folder.resolve("model.partial"), DType.BF16, 1);
        assertRefused(partial, folder.resolve("model"), W4A16, QuantizeException.class, "the input");
    }

    @Test
    void foldersOfOthersWhereThePartsWouldGo() throws IOException {
        Files.createDirectory(folder.resolve("out.partial"));
        Files.writeString(folder.resolve("out.partial/mine"), "");
        assertRefused(W4A16, QuantizeException.class, "out.partial", "something else");
    }

    @Test
    void outputInNoFolder() throws IOException {
        assertRefused(in, folder.resolve("none/out"), W4A16, QuantizeException.class, "found no folder");
    }

    @Test
    void inputWithoutConfig() throws IOException {
        Files.delete(in.resolve("config.json"));
        assertRefused(W4A16, CheckpointException.class, "in:", "config.json");
    }

    @Test
    void inputThatIsQuantized() throws IOException {
        Files.writeString(in.resolve("config.json"),
                "{\"quantization_config\": {\"quant_method\": \"compressed-tensors\", \"config_groups\": {}}}");
        assertRefused(W4A16, CheckpointException.class, "config.json", "quantization_config", "already");
    }

    @Test
    void layersThatAreQuantized() throws IOException {
        Path quantized = SyntheticCheckpoint.of(folder.resolve("quantized"), DType.BF16, 1, List.of(Map.of(
                "up.weight", Shape.of(8, 128), "up.weight_scale", Shape.of(8, 1))));
        assertRefused(quantized, folder.resolve("out"), W4A16, CheckpointException.class, "up.weight_scale",
                "quantized already");
    }

    @Test
    void columnsThatAreNoWholeGroups() throws IOException {
        Path odd = SyntheticCheckpoint.of(folder.resolve("odd"), DType.BF16, 1,
                List.of(Map.of("up.weight", Shape.of(8, 100))));
        assertRefused(odd, folder.resolve("out"), W4A16, CheckpointException.class, "up.weight", "100 columns",
                "a multiple of 128");
    }

    @Test
    void severalExpertsInOneTensor() throws IOException {
        Path experts = SyntheticCheckpoint.of(folder.resolve("moe"), DType.BF16, 1, List.of(Map.of(
                "up.weight", Shape.of(8, 128), "mlp.experts.gate_up_proj", Shape.of(2, 8, 128))));
        assertRefused(experts, folder.resolve("out"), W4A16, CheckpointException.class,
                "mlp.experts.gate_up_proj", "several experts in one tensor");
    }

    @Test
    void weightsThatAreNoFloats() throws IOException {
        write(in.resolve("model-00002-of-00002.safetensors"), DType.F64, 0);
        assertRefused(W4A16, CheckpointException.class, "down_proj.weight", "F64", "BF16 or F16 or F32");
    }

    @Test
    void weightsThatAreNotFinite() throws IOException {
        write(in.resolve("model-00002-of-00002.safetensors"), DType.F32, Float.NaN);
        for (String preset : List.of("W4A16", "NVFP4A16", "MXFP8", "FP8_BLOCK")) {
            Path out = folder.resolve("out");
            assertThatThrownBy(() -> CheckpointQuantizer.quantize(in, out,
                    QuantizationRequest.of(Preset.named(preset)), QuantizationProgress.NONE))
                    .isInstanceOf(CheckpointException.class).hasMessageContaining("row 1")
                    .hasMessageContaining("finite");
            assertThat(out).doesNotExist();
            assertThat(folder.resolve("out.partial")).doesNotExist();
        }
        before = files();
    }

    @Test
    void moreThanTheDiskHolds() throws IOException {
        Path single = SyntheticCheckpoint.single(folder.resolve("single"), in);
        Path file = single.resolve("model.safetensors");
        long size = 4 * Files.getFileStore(folder).getUsableSpace();
        Files.delete(file);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            String header = "{\"embed.weight\":{\"dtype\":\"U8\",\"shape\":[" + size
                    + "],\"data_offsets\":[0," + size + "]},\"up.weight\":{\"dtype\":\"BF16\",\"shape\":[1,128],"
                    + "\"data_offsets\":[" + size + "," + (size + 256) + "]}}";
            ByteBuffer start = ByteBuffer.allocate(Long.BYTES + header.length()).order(ByteOrder.LITTLE_ENDIAN);
            channel.write(start.putLong(header.length()).put(header.getBytes(StandardCharsets.US_ASCII)).flip());
            channel.write(ByteBuffer.allocate(1), start.limit() + size + 255);
        } catch (IOException e) {
            Assumptions.abort("this file system has no files with holes: " + e.getMessage());
        }
        before = files();
        QuantizationProgress beginning = new QuantizationProgress() {
            @Override
            public void begin(long bytes) {
                throw new AssertionError("it begins");
            }

            @Override
            public void advance(String tensor, long bytes) {
                throw new AssertionError("it goes on");
            }
        };
        assertThatThrownBy(() -> CheckpointQuantizer.quantize(single, folder.resolve("out"), W4A16, beginning))
                .isInstanceOf(IOException.class).message().contains("out: found", "free on the disk, expected");
    }

    /** The second shard again, of another type, with one value in row 1 of each tensor. */
    private static void write(Path file, DType dtype, float value) throws IOException {
        SafetensorsLayout layout = new SafetensorsLayout();
        try (SafetensorsFile shard = SafetensorsFile.open(file)) {
            shard.tensors().forEach(tensor -> layout.tensor(tensor.name(), dtype, tensor.shape()));
        }
        Files.delete(file);
        try (SafetensorsWriter writer = SafetensorsWriter.create(file, layout); Arena arena = Arena.ofConfined()) {
            for (String name : List.copyOf(writer.missing())) {
                var bytes = arena.allocate(writer.tensors().get(name).byteSize());
                long rowBytes = bytes.byteSize() / writer.tensors().get(name).shape().dimension(0);
                bytes.set(LittleEndian.FLOAT, rowBytes, value);
                writer.write(name, bytes);
            }
            writer.commit();
        }
    }

    @Test
    void presetsThatNeedCalibrationWithoutIt() throws IOException {
        for (String preset : List.of("FP8", "NVFP4")) {
            assertRefused(QuantizationRequest.of(Preset.named(preset)), QuantizeException.class,
                    "preset " + preset, "static scales of activations", "calibration file", "<layer>.x");
        }
    }

    @Test
    void calibrationThatLacksALayer() throws IOException {
        Path inputs = SyntheticCheckpoint.of(folder.resolve("inputs"), DType.BF16, 1,
                List.of(Map.of("other.x", Shape.of(1, 128)))).resolve("model-00001-of-00001.safetensors");
        assertRefused(QuantizationRequest.of(Preset.named("FP8")).calibratedBy(inputs), CheckpointException.class,
                "gate_proj.x");
    }

    @Test
    void calibrationOfAnotherSize() throws IOException {
        Path inputs = SyntheticCheckpoint.of(folder.resolve("inputs"), DType.BF16, 1, List.of(Map.of(
                SyntheticCheckpoint.BLOCK + "self_attn.k_proj.x", Shape.of(1, 64))))
                .resolve("model-00001-of-00001.safetensors");
        QuantizationRequest request = new QuantizationRequest(
                List.of(new QuantizationRequest.Assignment(Preset.named("FP8"),
                        List.of(Target.of("re:.*[qkv]_proj")))),
                List.of(), Observer.MINMAX, Optional.of(inputs));
        assertRefused(request, CheckpointException.class, "k_proj.x", "[1, 64]", "[..., 128]");
    }

    @Test
    void targetsOfNothing() throws IOException {
        assertRefused(W4A16.and(Preset.named("MXFP8"), Target.of("re:.*none")), QuantizeException.class,
                "group_1 has no layer", "re:.*none");
    }

    @Test
    void partsOfOneLayerQuantizedDifferently() throws IOException {
        assertRefused(W4A16.ignoring(List.of(Target.of("re:.*k_proj"))), QuantizeException.class, "k_proj",
                "run as one layer");
    }

    @Test
    void presetsThatAreNone() {
        assertThatThrownBy(() -> Preset.named("W9A9")).isInstanceOf(QuantizeException.class)
                .hasMessageContaining("found W9A9, expected one of").hasMessageContaining("NVFP4");
        assertThatThrownBy(() -> Preset.named("../quality/formatter")).isInstanceOf(QuantizeException.class);
    }

    @Test
    void presetsOfAUserThatDoNotFit() throws IOException {
        Path presets = Files.createDirectories(folder.resolve("conf/presets"));
        Map<String, String> reasons = Map.of(
                "\"num_bits\": 4, \"group_size\": 128, \"actorder\": \"group\"", "activations",
                "\"num_bits\": 1", "2 to 8 bits",
                "\"num_bits\": 8, \"type\": \"float\", \"symmetric\": false", "floats are symmetric",
                "\"num_bits\": 8, \"dynamic\": true", "weights are static",
                "\"num_bits\": 4, \"type\": \"float\", \"group_size\": 64", "does not hold such weights");
        System.setProperty(Conf.FOLDER_PROPERTY, folder.resolve("conf").toString());
        for (Map.Entry<String, String> reason : reasons.entrySet()) {
            Files.writeString(presets.resolve("MINE.json"), "{\"weights\": {" + reason.getKey() + "}}");
            assertThat(Preset.names()).contains("MINE", "W4A16");
            assertRefused(QuantizationRequest.of(Preset.named("mine")), QuantizeException.class, "group_0",
                    reason.getValue());
        }
        Files.writeString(presets.resolve("MINE.json"), "{\"weight\": {}}");
        before = files();
        assertThatThrownBy(() -> Preset.named("mine").group("g", List.of()))
                .isInstanceOf(CheckpointException.class).hasMessageContaining("MINE.json");
    }
}
