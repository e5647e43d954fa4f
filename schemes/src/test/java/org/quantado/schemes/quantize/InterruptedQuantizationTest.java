package org.quantado.schemes.quantize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
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
    private static final int TENSORS_OF_FIRST_SHARD = 6;
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
    private static final class StopAfter implements QuantizationProgress {
        private int left;

        StopAfter(int tensors) {
            left = tensors;
        }

        @Override
        public void begin(long bytes) {
            assertThat(bytes).isPositive();
        }

        @Override
        public void advance(String tensor, long bytes) {
            left--;
            if (left == 0) {
                throw new IllegalStateException("stop");
            }
        }
    }

    @Test
    void goesOnAfterAnyTensor() throws IOException {
        for (int tensors = 1; tensors <= TENSORS; tensors++) {
            Path out = folder.resolve("out" + tensors);
            int stopAfter = tensors;
            assertThatThrownBy(() -> CheckpointQuantizer.quantize(in, out, REQUEST, new StopAfter(stopAfter)))
                    .hasMessage("stop");
            assertThat(out).doesNotExist();

            QuantizationResult result = CheckpointQuantizer.quantize(in, out, REQUEST, QuantizationProgress.NONE);

            assertThat(result.filesDoneBefore()).isEqualTo(tensors > TENSORS_OF_FIRST_SHARD ? 1 : 0);
            assertThat(result.layers()).extracting(LayerError::layer)
                    .containsExactlyInAnyOrderElementsOf(SyntheticCheckpoint.LAYERS);
            assertSameFiles(out, whole);
        }
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
    void damagedFilesAreWrittenAgain() throws IOException {
        Path out = folder.resolve("out");
        assertThatThrownBy(() -> CheckpointQuantizer.quantize(in, out, REQUEST, new StopAfter(TENSORS)))
                .hasMessage("stop");
        Path finished = folder.resolve("out.partial/checkpoint/model-00001-of-00002.safetensors");
        byte[] bytes = Files.readAllBytes(finished);
        bytes[bytes.length - 1] ^= 1;
        Files.write(finished, bytes);

        QuantizationResult result = CheckpointQuantizer.quantize(in, out, REQUEST, QuantizationProgress.NONE);

        assertThat(result.filesDoneBefore()).isZero();
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
                    .isInstanceOf(QuantizeException.class).hasMessageContaining("another quantization is writing");
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
