package org.quantado.schemes.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class SafetensorsFileTest {
    private static final String ONE_TENSOR = """
            {"a":{"dtype":"%s","shape":%s,"data_offsets":%s}}""";

    @TempDir
    private Path folder;

    @Test
    void readsTensorsWhereTheyLie() throws IOException {
        Path file = TestFiles.write(folder.resolve("x.safetensors"), """
                {"__metadata__":{"format":"pt"},"b":{"dtype":"U8","shape":[2,3],"data_offsets":[4,10]},
                "a":{"dtype":"I32","shape":[1],"data_offsets":[0,4]}}""", 10);
        try (SafetensorsFile safetensors = SafetensorsFile.open(file)) {
            assertThat(safetensors.metadata()).isEqualTo(Map.of("format", "pt"));
            assertThat(safetensors.tensors()).extracting(TensorInfo::name).containsExactly("a", "b");
            assertThat(safetensors.tensor("a").intAt(0)).isEqualTo(0x03020100);
            assertThat(safetensors.tensor("b").toBytes()).containsExactly(4, 5, 6, 7, 8, 9);
            assertThat(safetensors.tensor("b").rows(1, 2).toBytes()).containsExactly(7, 8, 9);
            assertThat(safetensors.tensor("b").rows(1, 2).shape()).isEqualTo(Shape.of(1, 3));
            assertThat(safetensors.tensor("b").data().isReadOnly()).isTrue();
        }
    }

    @ParameterizedTest
    @EnumSource(DType.class)
    void readsEveryTypeOfTheFormat(DType dtype) throws IOException {
        int size = dtype.bits();
        Path file = TestFiles.write(folder.resolve("x.safetensors"),
                ONE_TENSOR.formatted(dtype, "[2,4]", "[0," + size + "]"), size);
        try (SafetensorsFile safetensors = SafetensorsFile.open(file)) {
            assertThat(safetensors.tensor("a").dtype()).isEqualTo(dtype);
            assertThat(safetensors.tensor("a").data().byteSize()).isEqualTo(size);
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
            "F32  | [2]                     | [0,8]    | 4 | an end within the 4 bytes of data",
            "F32  | [2]                     | [0,4]    | 4 | expected 8 bytes for F32 [2]",
            "F32  | [1]                     | [0,4]    | 5 | found 5 bytes after the header, expected 4",
            "F32  | [1]                     | [1,5]    | 5 | begin at 1, expected a begin at 0",
            "F32  | [1]                     | [4,0]    | 4 | a begin and an end not before it",
            "F32  | [1]                     | [0,4,4]  | 4 | a begin and an end not before it",
            "F4   | [3]                     | [0,2]    | 2 | whole, countable number of bytes",
            "F32  | [4294967296,4294967296] | [0,4]    | 4 | whole, countable number of bytes",
            "F64  | [2305843009213693952]   | [0,4]    | 4 | whole, countable number of bytes",
            "F32  | [-1]                    | [0,4]    | 4 | an integer from 0",
            "F32  | [99999999999999999999]  | [0,4]    | 4 | an integer from 0",
            "F32  | [1.0]                   | [0,4]    | 4 | integers only",
            "F32  | 1                       | [0,4]    | 4 | expected an array of integers",
            "f32  | [1]                     | [0,4]    | 4 | found 'f32', expected one of",
    })
    void refusesTensorsThatDoNotFit(String dtype, String shape, String offsets, int dataSize,
            String complaint)
            throws IOException {
        Path file = TestFiles.write(folder.resolve("x.safetensors"),
                ONE_TENSOR.formatted(dtype, shape, offsets),
                dataSize);
        assertThatThrownBy(() -> SafetensorsFile.open(file)).isInstanceOf(CheckpointException.class)
                .hasMessageContaining(file.toString()).hasMessageContaining(complaint);
    }

    @Test
    void refusesHolesAndOverlaps() throws IOException {
        String two = """
                {"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},"b":{"dtype":"U8","shape":[4],"data_offsets":%s}}""";
        for (String offsets : new String[]{"[2,6]", "[5,9]"}) {
            Path file = TestFiles.write(folder.resolve("x.safetensors"), two.formatted(offsets), 9);
            assertThatThrownBy(() -> SafetensorsFile.open(file)).isInstanceOf(CheckpointException.class)
                    .hasMessageContaining("tensor 'b'").hasMessageContaining("a begin at 4");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"__metadata__\":{\"a\":1}}", "{\"__metadata__\":[]}", "{\"a\":1}", "{} {}",
            "{\"a\":{}}",
            " {}", "{", "{}x", "",
            "{\"a\":{\"dtype\":\"U8\",\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0]}}"})
    void refusesOtherHeaders(String header) throws IOException {
        Path file = TestFiles.write(folder.resolve("x.safetensors"), header, 0);
        assertThatThrownBy(() -> SafetensorsFile.open(file)).isInstanceOf(CheckpointException.class)
                .hasMessageContaining(file.toString());
    }

    @Test
    void refusesHeadersOfOtherEncodings() throws IOException {
        byte[] bytes = TestFiles.bytes("{\"__metadata__\":{\"a\":\"?\"}}", 0);
        bytes[bytes.length - 4] = (byte) 0xff;
        Path file = Files.write(folder.resolve("x.safetensors"), bytes);
        assertThatThrownBy(() -> SafetensorsFile.open(file)).isInstanceOf(CheckpointException.class)
                .hasMessageContaining("not UTF-8");
    }

    @Test
    void refusesDeeplyNestedHeaders() throws IOException {
        Path file = TestFiles.write(folder.resolve("x.safetensors"),
                "{\"a\":{\"x\":" + "[".repeat(100_000) + "}}", 0);
        assertThatThrownBy(() -> SafetensorsFile.open(file)).isInstanceOf(CheckpointException.class);
    }

    @Test
    void refusesMoreDimensionsThanAnyArrayHas() throws IOException {
        Path file = TestFiles.write(folder.resolve("x.safetensors"),
                ONE_TENSOR.formatted("U8", "[0" + ",1".repeat(64) + "]", "[0,0]"), 0);
        assertThatThrownBy(() -> SafetensorsFile.open(file)).isInstanceOf(CheckpointException.class)
                .hasMessageContaining("tensor 'a' shape: found more than 64 integers");
    }

    @Test
    void refusesWhatIsNotAFile() {
        assertThatThrownBy(() -> SafetensorsFile.open(folder.resolve("none.safetensors")))
                .isInstanceOf(CheckpointException.class).hasMessageContaining("no such file");
        assertThatThrownBy(() -> SafetensorsFile.open(folder)).isInstanceOf(CheckpointException.class)
                .hasMessageContaining("not a regular file");
    }

    @Test
    void messagesStayOnOneShortLine() throws IOException {
        Path file = TestFiles.write(folder.resolve("x.safetensors"),
                "{\"" + "name\\n".repeat(1000) + "\":{\"dtype\":\"" + "F".repeat(100_000) + "\"}}", 0);
        assertThatThrownBy(() -> SafetensorsFile.open(file)).isInstanceOf(CheckpointException.class)
                .satisfies(e -> assertThat(e.getMessage()).doesNotContain("\n").hasSizeLessThan(1000));
    }

    @Test
    void suggestsNamesLikeAMissingOne() throws IOException {
        Path file = TestFiles.write(folder.resolve("x.safetensors"), """
                {"layers.0.q_proj.weight":{"dtype":"U8","shape":[0],"data_offsets":[0,0]},
                "layers.0.q_proj.weight_scale":{"dtype":"U8","shape":[0],"data_offsets":[0,0]},
                "xyz":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}}""", 0);
        try (SafetensorsFile safetensors = SafetensorsFile.open(file)) {
            assertThatThrownBy(() -> safetensors.tensor("layers.0.q_proj.weight_packed"))
                    .isInstanceOf(CheckpointException.class)
                    .hasMessage(
                            "%s: tensor 'layers.0.q_proj.weight_packed': found no such tensor, expected one of its "
                                    + "3 tensors, such as 'layers.0.q_proj.weight_scale', 'layers.0.q_proj.weight'",
                            file);
        }
    }

    @Test
    void readsFloatsOfEveryFloatType() throws IOException {
        byte[] header = TestFiles.bytes(
                """
                        {"a":{"dtype":"BF16","shape":[1],"data_offsets":[0,2]},"b":{"dtype":"F16","shape":[1],"data_offsets":[2,4]},
                        "c":{"dtype":"F32","shape":[1],"data_offsets":[4,8]},"d":{"dtype":"F64","shape":[1],"data_offsets":[8,16]}}""",
                0);
        byte[] values = {(byte) 0xc0, 0x3f, 0x00, 0x3e, 0x00, 0x00, (byte) 0xc0, 0x3f, 0, 0, 0, 0, 0, 0,
                (byte) 0xf8,
                0x3f};
        Path file = Files.write(folder.resolve("x.safetensors"), concat(header, values));
        try (SafetensorsFile safetensors = SafetensorsFile.open(file)) {
            for (String name : new String[]{"a", "b", "c", "d"}) {
                assertThat(safetensors.tensor(name).toFloats()).containsExactly(1.5f);
            }
            assertThatThrownBy(() -> safetensors.tensor("a").intAt(0)).isInstanceOf(CheckpointException.class)
                    .hasMessageContaining("dtype BF16");
            assertThatThrownBy(() -> safetensors.tensor("a").requireDType(DType.U8, DType.F8_E8M0))
                    .hasMessageEndingWith("tensor 'a': found dtype BF16, expected dtype U8 or F8_E8M0");
            assertThatThrownBy(() -> safetensors.tensor("a").requireShape(2, 3))
                    .hasMessageEndingWith("tensor 'a': found shape [1], expected shape [2, 3]");
        }
    }

    private static byte[] concat(byte[] first, byte[] second) {
        byte[] both = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, both, first.length, second.length);
        return both;
    }

    /** Sizes that a header merely claims must not be allocated. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"[0,9223372036854775807]", "[1000000000000]", "[0]"})
    void claimsCostNothing(String shape) throws IOException {
        Path file = TestFiles.write(folder.resolve("x.safetensors"),
                ONE_TENSOR.formatted("U8", shape, "[0,1000000000000]"), 4);
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        assertThatThrownBy(() -> SafetensorsFile.open(file)).isInstanceOf(CheckpointException.class);
        long before = threads.getCurrentThreadAllocatedBytes();
        assertThatThrownBy(() -> SafetensorsFile.open(file)).isInstanceOf(CheckpointException.class);
        assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(1 << 20);
    }
}
