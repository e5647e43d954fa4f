package org.quantado.schemes.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;

/** Whatever is done to a file, it is read, or refused as ours; and what was written is what is read. */
class SafetensorsPropertyTest {
    private static final String VALID = """
            {"__metadata__":{"format":"pt"},"weight":{"dtype":"F8_E4M3","shape":[4,8],"data_offsets":[4,36]},\
            "scale":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"none":{"dtype":"I64","shape":[0],"data_offsets":[36,36]}}""";
    private static final int DATA_SIZE = 36;
    /** Opening costs buffers of a fixed size and some multiple of the file. */
    private static final long MOST_ALLOCATED = 1 << 20;
    private static final List<String> VALUES = List.of("-1", "0", "1", "36", "9223372036854775807",
            "18446744073709551616", "1e400", "null", "true", "\"F32\"", "\"F4\"", "[]", "[0,0]", "{}",
            "[[[[]]]]",
            "[0,36]", "\"\\ud800\"");

    private static Path folder;

    @BeforeContainer
    static void makeFolder() throws IOException {
        folder = Files.createTempDirectory("safetensors");
        loadClasses();
    }

    /** So that loading them does not count as an allocation of the first file. */
    private static void loadClasses() throws IOException {
        Path path = TestFiles.write(folder.resolve("first.safetensors"), VALID, DATA_SIZE);
        SafetensorsFile.open(path).close();
        TestFiles.write(path, "{\"", 0);
        assertThatThrownBy(() -> SafetensorsFile.open(path)).isInstanceOf(CheckpointException.class);
    }

    @AfterContainer
    static void removeFolder() throws IOException {
        try (Stream<Path> paths = Files.walk(folder)) {
            for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }

    @Property(tries = 1500)
    void damagedBytes(@ForAll long seed) throws IOException {
        Random random = new Random(seed);
        byte[] bytes = TestFiles.bytes(VALID, DATA_SIZE);
        for (int i = random.nextInt(4); i >= 0; i--) {
            bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
        }
        if (random.nextInt(4) == 0) {
            bytes = Arrays.copyOf(bytes, random.nextInt(bytes.length + 8));
        }
        readsOrRefuses(bytes);
    }

    @Property(tries = 1500)
    void damagedJson(@ForAll long seed) throws IOException {
        Random random = new Random(seed);
        String[] tokens = VALID.split("(?<=[{}\\[\\],:])|(?=[{}\\[\\],:])", -1);
        for (int i = random.nextInt(3); i >= 0; i--) {
            int at = random.nextInt(tokens.length);
            tokens[at] = random.nextBoolean()
                    ? VALUES.get(random.nextInt(VALUES.size()))
                    : tokens[random.nextInt(tokens.length)];
        }
        readsOrRefuses(TestFiles.bytes(String.join("", tokens), DATA_SIZE));
    }

    private static void readsOrRefuses(byte[] bytes) throws IOException {
        Path path = Files.write(folder.resolve("damaged.safetensors"), bytes);
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadAllocatedBytes();
        try (SafetensorsFile file = SafetensorsFile.open(path)) {
            long data = 0;
            for (TensorInfo tensor : file.tensors()) {
                data += file.tensor(tensor.name()).data().byteSize();
            }
            assertThat(data).isLessThan(bytes.length);
        } catch (CheckpointException e) {
            assertThat(e).message().startsWith(path + ": ").contains("found ", ", expected ")
                    .doesNotContain("\n");
        }
        assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(MOST_ALLOCATED);
    }

    @Property(tries = 200)
    void writtenIsRead(@ForAll("layouts") List<TensorInfo> tensors, @ForAll long seed) throws IOException {
        Path path = folder.resolve("written.safetensors");
        Files.deleteIfExists(path);
        SafetensorsLayout layout = new SafetensorsLayout().metadata("a note", "\u00e9\n\"");
        tensors.forEach(tensor -> layout.tensor(tensor.name(), tensor.dtype(), tensor.shape()));
        List<byte[]> data = new ArrayList<>();
        try (SafetensorsWriter writer = SafetensorsWriter.create(path, layout)) {
            Random random = new Random(seed);
            for (TensorInfo tensor : tensors) {
                byte[] bytes = new byte[(int) tensor.byteSize()];
                random.nextBytes(bytes);
                data.add(bytes);
                writer.write(tensor.name(), MemorySegment.ofArray(bytes));
            }
            writer.commit();
        }
        try (SafetensorsFile file = SafetensorsFile.open(path)) {
            assertThat(file.metadata()).containsEntry("a note", "\u00e9\n\"").hasSize(1);
            assertThat(file.tensors()).hasSize(tensors.size());
            for (int i = 0; i < tensors.size(); i++) {
                Tensor read = file.tensor(tensors.get(i).name());
                assertThat(read.dtype()).isEqualTo(tensors.get(i).dtype());
                assertThat(read.shape()).isEqualTo(tensors.get(i).shape());
                assertThat(read.data().mismatch(MemorySegment.ofArray(data.get(i)))).isEqualTo(-1);
            }
        }
    }

    @Provide
    Arbitrary<List<TensorInfo>> layouts() {
        Arbitrary<Shape> shapes = Arbitraries.integers().between(0, 5).array(int[].class).ofMaxSize(3)
                .map(sizes -> Shape.of(Arrays.stream(sizes).mapToLong(size -> size * 8L).toArray()));
        Arbitrary<String> names = Arbitraries.strings().ofMinLength(1).ofMaxLength(12).excludeChars('\u0000')
                .filter(name -> name.chars().noneMatch(c -> Character.isSurrogate((char) c)));
        return Combinators.combine(names, Arbitraries.of(DType.class), shapes)
                .as((name, dtype, shape) -> shape.rank() == 0 && dtype.bits() % 8 != 0
                        ? new TensorInfo(name, DType.U8, shape, 0, 1)
                        : new TensorInfo(name, dtype, shape, 0, dtype.byteSize(shape.elements())))
                .list().ofMaxSize(6).uniqueElements(TensorInfo::name);
    }
}
