package org.quantado.schemes.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SafetensorsWriterTest {
    private static final SafetensorsLayout LAYOUT = new SafetensorsLayout().metadata("format", "pt")
            .tensor("z", DType.U8, Shape.of(3)).tensor("b", DType.F32, Shape.of())
            .tensor("a", DType.F32, Shape.of(2))
            .tensor("n", DType.I64, Shape.of(0, 7));

    @TempDir
    private Path folder;

    @Test
    void writesTheMostAlignedFirstAndAlignsTheData() throws IOException {
        Path target = folder.resolve("x.safetensors");
        writeAll(target);
        byte[] bytes = Files.readAllBytes(target);
        String header = new String(bytes, Long.BYTES, Byte.toUnsignedInt(bytes[0]), StandardCharsets.UTF_8);
        assertThat(header)
                .startsWith("{\"__metadata__\":{\"format\":\"pt\"},\"n\":{\"dtype\":\"I64\",\"shape\":[0,7],"
                        + "\"data_offsets\":[0,0]},\"a\":");
        assertThat(bytes[0] % 8).isZero();
        try (SafetensorsFile file = SafetensorsFile.open(target)) {
            assertThat(file.tensors()).extracting(TensorInfo::name).containsExactly("n", "a", "b", "z");
            assertThat(file.tensor("z").toBytes()).containsExactly(1, 2, 3);
        }
        assertThat(folder).isDirectoryContaining(path -> path.equals(target))
                .isDirectoryNotContaining("glob:**.partial");
    }

    private static void writeAll(Path target) throws IOException {
        try (SafetensorsWriter writer = SafetensorsWriter.create(target, LAYOUT)) {
            writer.write("z", MemorySegment.ofArray(new byte[]{1, 2, 3}));
            writer.write("a", MemorySegment.ofArray(new float[2]));
            writer.write("n", MemorySegment.ofArray(new byte[0]));
            writer.write("b", MemorySegment.ofArray(new float[1]));
            writer.commit();
        }
    }

    @Test
    void leavesNothingWithoutCommit() throws IOException {
        try (SafetensorsWriter writer = SafetensorsWriter.create(folder.resolve("x.safetensors"), LAYOUT)) {
            writer.write("z", MemorySegment.ofArray(new byte[3]));
            assertThat(writer.missing()).containsExactlyInAnyOrder("a", "b", "n");
            assertThatThrownBy(writer::commit).isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("lacks 3 tensors");
        }
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void refusesToOverwrite() throws IOException {
        Path target = Files.writeString(folder.resolve("x.safetensors"), "mine");
        assertThatThrownBy(() -> SafetensorsWriter.create(target, LAYOUT))
                .isInstanceOf(FileAlreadyExistsException.class).hasMessageContaining(target.toString());
        assertThat(target).hasContent("mine");
        Files.delete(target);
        try (SafetensorsWriter writer = SafetensorsWriter.create(target, new SafetensorsLayout())) {
            Files.writeString(target, "mine");
            assertThatThrownBy(writer::commit).isInstanceOf(FileAlreadyExistsException.class);
        }
        assertThat(target).hasContent("mine");
        assertThat(folder).isDirectoryNotContaining("glob:**.partial");
    }

    @Test
    void refusesMoreThanTheDiskHolds() {
        SafetensorsLayout huge = new SafetensorsLayout().tensor("a", DType.F64, Shape.of(1L << 56));
        assertThatThrownBy(() -> SafetensorsWriter.create(folder.resolve("x.safetensors"), huge))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("free on the disk, expected 576.5 PB");
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void refusesWhatIsNotInTheLayout() throws IOException {
        try (SafetensorsWriter writer = SafetensorsWriter.create(folder.resolve("x.safetensors"), LAYOUT)) {
            assertThatThrownBy(() -> writer.write("q", MemorySegment.ofArray(new byte[3])))
                    .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("not in the layout");
            assertThatThrownBy(() -> writer.write("z", MemorySegment.ofArray(new byte[4])))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("takes 3 bytes, not 4");
            writer.write("z", MemorySegment.ofArray(new byte[3]));
            assertThatThrownBy(() -> writer.write("z", MemorySegment.ofArray(new byte[3])))
                    .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("already written");
        }
        assertThatThrownBy(
                () -> new SafetensorsLayout().tensor("a", DType.U8, Shape.of()).tensor("a", DType.U8,
                        Shape.of()))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
