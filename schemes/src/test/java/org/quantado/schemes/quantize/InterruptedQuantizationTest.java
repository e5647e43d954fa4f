package org.quantado.schemes.quantize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.quantado.schemes.checkpoint.DType;

/** Output is complete or absent, whenever the work stops, and goes on where it stopped. */
class InterruptedQuantizationTest {
    private static final int TENSORS = 11;
    private static final QuantizationRequest REQUEST = QuantizationRequest.of(Preset.named("NVFP4A16"));

    @TempDir
    Path folder;
    private Path in;
    private Path whole;

    @BeforeEach
    void quantizeAtOnce() throws IOException {
        in = SyntheticCheckpoint.llama(folder.resolve("in"), DType.BF16, 1);
        whole = folder.resolve("whole");
        CheckpointQuantizer.quantize(in, whole, REQUEST, QuantizationProgress.NONE);
    }

    /** Stops the work after so many tensors. */
    private static class StopAfter implements QuantizationProgress {
        private int left;

        StopAfter(int tensors) {
            left = tensors;
        }

        @Override
        public void begin(long bytes) {
            assertThat(bytes).isNotNegative();
        }

        @Override
        public void advance(String tensor, long bytes) {
            left--;
            if (left == 0) {
                throw new IllegalStateException("stop");
            }
        }
    }

    /** Counts the work. */
    private static final class Work implements QuantizationProgress {
        private long expected;
        private long done;
        private int layers;

        @Override
        public void begin(long bytes) {
            expected = bytes;
        }

        @Override
        public void advance(String tensor, long bytes) {
            done += bytes;
            layers += bytes > 0 ? 1 : 0;
        }
    }

    @Test
    void goesOnAfterAnyTensor() throws IOException {
        goesOnAfterAnyTensor(in, whole);
    }

    @Test
    void goesOnWithinASingleFile() throws IOException {
        Path single = SyntheticCheckpoint.single(folder.resolve("single"), in);
        Path expected = folder.resolve("single-whole");
        CheckpointQuantizer.quantize(single, expected, REQUEST, QuantizationProgress.NONE);
        goesOnAfterAnyTensor(single, expected);
    }

    private void goesOnAfterAnyTensor(Path input, Path expected) throws IOException {
        int layersBefore = 0;
        for (int tensors = 1; tensors <= TENSORS; tensors++) {
            Path out = folder.resolve("out" + tensors);
            int stopAfter = tensors;
            List<Integer> layers = new ArrayList<>();
            assertThatThrownBy(() -> CheckpointQuantizer.quantize(input, out, REQUEST, new StopAfter(stopAfter) {
                @Override
                public void advance(String tensor, long bytes) {
                    layers.add(bytes > 0 ? 1 : 0);
                    super.advance(tensor, bytes);
                }
            })).hasMessage("stop");
            assertThat(out).doesNotExist();

            Work work = new Work();
            QuantizationResult result = CheckpointQuantizer.quantize(input, out, REQUEST, work);

            layersBefore = layers.stream().mapToInt(Integer::intValue).sum();
            assertThat(result.layersDoneBefore()).isEqualTo(layersBefore);
            assertThat(work.layers).isEqualTo(SyntheticCheckpoint.LAYERS.size() - layersBefore);
            assertThat(work.done).isEqualTo(work.expected);
            assertThat(result.layers()).extracting(LayerError::layer)
                    .containsExactlyInAnyOrderElementsOf(SyntheticCheckpoint.LAYERS);
            assertSameFiles(out, expected);
        }
        assertThat(layersBefore).isPositive();
    }

    @Test
    void errorsOfFinishedLayersAreKept() throws IOException {
        Path out = folder.resolve("out");
        assertThatThrownBy(() -> CheckpointQuantizer.quantize(in, out, REQUEST, new StopAfter(TENSORS)))
                .hasMessage("stop");

        QuantizationResult resumed = CheckpointQuantizer.quantize(in, out, REQUEST, QuantizationProgress.NONE);

        Path other = folder.resolve("other");
        assertThat(resumed.layers()).isEqualTo(
                CheckpointQuantizer.quantize(in, other, REQUEST, QuantizationProgress.NONE).layers());
    }

    @Test
    void damagedLayersAreWrittenAgain() throws IOException {
        Path out = folder.resolve("out");
        assertThatThrownBy(() -> CheckpointQuantizer.quantize(in, out, REQUEST, new StopAfter(TENSORS)))
                .hasMessage("stop");
        Path finished = folder.resolve("out.partial/checkpoint/model-00001-of-00002.safetensors");
        byte[] bytes = Files.readAllBytes(finished);
        bytes[bytes.length - 1] ^= 1;
        Files.write(finished, bytes);

        QuantizationResult result = CheckpointQuantizer.quantize(in, out, REQUEST, QuantizationProgress.NONE);

        assertThat(result.layersDoneBefore()).isEqualTo(SyntheticCheckpoint.LAYERS.size() - 1);
        assertSameFiles(out, whole);
    }

    @Test
    void notesThatACrashHasCutOffAreNone() throws IOException {
        Path journal = folder.resolve("out.partial/finished.jsonl");
        Path out = folder.resolve("out");
        assertThatThrownBy(() -> CheckpointQuantizer.quantize(in, out, REQUEST, new StopAfter(TENSORS)))
                .hasMessage("stop");
        byte[] notes = Files.readAllBytes(journal);
        for (int cut = 1; cut < notes.length; cut = cut * 2 + 1) {
            Files.write(journal, Arrays.copyOf(notes, notes.length - cut));
            assertThatThrownBy(() -> CheckpointQuantizer.quantize(in, out, REQUEST, new StopAfter(TENSORS)))
                    .hasMessage("stop");
            assertThat(Journal.read(journal).hasLayers()).isTrue();
        }
        CheckpointQuantizer.quantize(in, out, REQUEST, QuantizationProgress.NONE);
        assertSameFiles(out, whole);
    }

    @Test
    void otherSettingsAreRefused() throws IOException {
        Path out = folder.resolve("out");
        assertThatThrownBy(() -> CheckpointQuantizer.quantize(in, out, REQUEST, new StopAfter(TENSORS)))
                .hasMessage("stop");

        assertThatThrownBy(() -> CheckpointQuantizer.quantize(in, out, REQUEST.observedBy(Observer.MSE),
                QuantizationProgress.NONE)).isInstanceOf(QuantizeException.class)
                .hasMessageContaining("out.partial").hasMessageContaining("another quantization_config");
        assertThat(out).doesNotExist();
    }

    @Test
    void otherSettingsAreTakenWhereNothingIsFinished() throws IOException {
        Path out = folder.resolve("out");
        assertThatThrownBy(() -> CheckpointQuantizer.quantize(in, out, REQUEST.observedBy(Observer.MSE),
                new StopAfter(1))).hasMessage("stop");

        CheckpointQuantizer.quantize(in, out, REQUEST, QuantizationProgress.NONE);

        assertSameFiles(out, whole);
    }

    @Test
    void oneAtATime() throws IOException {
        Path out = folder.resolve("out");
        Files.createDirectories(folder.resolve("out.partial"));
        try (FileChannel lock = FileChannel.open(folder.resolve("out.partial/lock"), StandardOpenOption.CREATE,
                StandardOpenOption.WRITE)) {
            assertThat(lock.tryLock()).isNotNull();
            assertThatThrownBy(() -> CheckpointQuantizer.quantize(in, out, REQUEST, QuantizationProgress.NONE))
                    .isInstanceOf(QuantizeException.class).hasMessageContaining("somebody else is writing");
        }
    }

    /** A process that says on its standard output how far it has come. */
    static final class Quantization {
        private Quantization() {
        }

        public static void main(String[] paths) throws IOException {
            CheckpointQuantizer.quantize(Path.of(paths[0]), Path.of(paths[1]), REQUEST, new QuantizationProgress() {
                @Override
                public void begin(long bytes) {
                    System.out.println(bytes);
                }

                @Override
                public void advance(String tensor, long bytes) {
                    System.out.println(tensor);
                }
            });
        }
    }

    @Test
    void killedAtAnyMoment() throws Exception {
        Path out = folder.resolve("out");
        Random random = new Random();
        while (!Files.exists(out)) {
            Process process = start(out);
            try (BufferedReader lines = process.inputReader()) {
                int moment = random.nextInt(1, TENSORS + 3);
                for (int line = 0; line < moment; line++) {
                    lines.readLine();
                }
                Thread.sleep(random.nextInt(5));
                process.destroyForcibly().waitFor();
            }
        }
        assertSameFiles(out, whole);
    }

    private Process start(Path out) throws IOException {
        return new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1", "--enable-native-access=ALL-UNNAMED", "-cp",
                System.getProperty("java.class.path"), Quantization.class.getName(), in.toString(), out.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT).start();
    }

    private static void assertSameFiles(Path actual, Path expected) throws IOException {
        assertThat(files(actual)).isEqualTo(files(expected));
        for (Path file : files(expected)) {
            if (Files.isRegularFile(expected.resolve(file))) {
                assertThat(actual.resolve(file)).hasSameBinaryContentAs(expected.resolve(file));
            }
        }
    }

    private static List<Path> files(Path root) throws IOException {
        try (Stream<Path> files = Files.walk(root)) {
            return files.map(root::relativize).sorted().toList();
        }
    }
}
