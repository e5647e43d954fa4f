package org.quantado.schemes.quantize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.Serializable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.quantado.schemes.checkpoint.DType;
import org.quantado.schemes.checkpoint.Shape;
import org.quantado.schemes.cluster.Cluster;
import org.quantado.schemes.cluster.ClusterException;
import org.quantado.schemes.cluster.ClusterTask;
import org.quantado.schemes.cluster.Place;
import org.quantado.schemes.cluster.TaskResult;
import org.quantado.schemes.cluster.WorkerRate;

/** The bytes of one machine, whatever becomes of tasks and of those who work at them. */
class ClusterQuantizationTest {
    private static final QuantizationRequest REQUEST = QuantizationRequest.of(Preset.named("NVFP4A16"));
    private static final int WIDTH = 640;
    private static final int BLOCKS = 3;

    @TempDir
    Path folder;
    private Path in;
    private Path whole;

    @BeforeEach
    void quantizeOnOneMachine() throws IOException {
        in = SyntheticCheckpoint.of(folder.resolve("in"), DType.BF16, 1, List.of(shard(0), shard(1)));
        whole = folder.resolve("whole");
        CheckpointQuantizer.quantize(in, whole, REQUEST, QuantizationProgress.NONE);
    }

    /** Gates in one file and ups in the other, which share a global scale. */
    private static Map<String, Shape> shard(int number) {
        Map<String, Shape> shard = new LinkedHashMap<>();
        for (int block = 0; block < BLOCKS; block++) {
            shard.put("model.layers." + block + (number == 0 ? ".mlp.gate_proj" : ".mlp.up_proj") + ".weight",
                    Shape.of(WIDTH, WIDTH));
        }
        shard.put(number == 0 ? "model.embed_tokens.weight" : "model.layers.0.mlp.down_proj.weight",
                Shape.of(WIDTH, WIDTH));
        return shard;
    }

    /** Every task is done twice, in an order by chance, and only what the second time gave is told. */
    private static final class Unruly implements Cluster {
        private final Random random;
        private int untilItDies;

        Unruly(long seed, int tasksUntilItDies) {
            random = new Random(seed);
            untilItDies = tasksUntilItDies;
        }

        @Override
        public int slots() {
            return 2;
        }

        @Override
        public <P extends AutoCloseable, R extends Serializable> void run(String name, Place<P> place,
                List<? extends ClusterTask<? super P, R>> tasks, Consumer<TaskResult<R>> done) throws IOException {
            List<Integer> order = new ArrayList<>(IntStream.range(0, tasks.size()).boxed().toList());
            Collections.shuffle(order, random);
            P opened = place.open();
            for (int task : order) {
                tasks.get(task).work(opened);
                R value = tasks.get(task).work(opened);
                if (untilItDies == 0) {
                    throw new IllegalStateException("dead");
                }
                untilItDies--;
                done.accept(new TaskResult<>(task, value, "worker", 1));
            }
        }

        @Override
        public void close() {
            // nothing is kept
        }
    }

    private QuantizationResult quantize(Path out, Cluster cluster) throws IOException {
        return CheckpointQuantizer.quantize(in, out, REQUEST, QuantizationProgress.NONE, cluster);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void sameBytesInAnyOrder(long seed) throws IOException {
        Path out = folder.resolve("out");
        QuantizationResult result = quantize(out, new Unruly(seed, Integer.MAX_VALUE));

        assertSameFiles(out, whole);
        assertThat(result.layersDoneBefore()).isZero();
        assertThat(result.layers()).extracting(LayerError::layer).hasSize(2 * BLOCKS + 1);
        assertThat(result.workers()).extracting(WorkerRate::tasks).hasSize(1)
                .allSatisfy(tasks -> assertThat(tasks).isGreaterThan(2));
        assertThat(result.workers().getFirst().work()).isEqualTo((2 * BLOCKS + 1) * 2L * WIDTH * WIDTH);
        assertThat(folder.resolve("out.partial")).doesNotExist();
    }

    @Test
    void whatIsFinishedIsKept() throws IOException {
        Path out = folder.resolve("out");
        int before = 0;
        for (int tasks = 1; !Files.exists(out); tasks++) {
            Unruly cluster = new Unruly(tasks, 1);
            try {
                assertThat(quantize(out, cluster).layersDoneBefore()).isGreaterThanOrEqualTo(before);
            } catch (IllegalStateException e) {
                before++;
            }
        }
        assertThat(before).isGreaterThan(2);
        assertSameFiles(out, whole);
    }

    @Test
    void oneMachineGoesOnWithWhatManyBegan() throws IOException {
        Path out = folder.resolve("out");
        assertThatThrownBy(() -> quantize(out, new Unruly(1, 2))).hasMessage("dead");

        QuantizationResult result = CheckpointQuantizer.quantize(in, out, REQUEST, QuantizationProgress.NONE);

        assertThat(result.layersDoneBefore()).isPositive();
        assertSameFiles(out, whole);
    }

    @Test
    void damagedPartsAreMadeAgain() throws IOException {
        Path out = folder.resolve("out");
        assertThatThrownBy(() -> quantize(out, new Unruly(1, 1))).hasMessage("dead");
        try (Stream<Path> parts = Files.list(folder.resolve("out.partial/parts"))) {
            for (Path part : parts.toList()) {
                byte[] bytes = Files.readAllBytes(part);
                bytes[bytes.length - 1] ^= 1;
                Files.write(part, bytes);
            }
        }
        assertThatThrownBy(() -> quantize(out, new Unruly(1, Integer.MAX_VALUE))).isInstanceOf(IOException.class)
                .hasMessageContaining("other bytes of layer");
        assertThat(out).doesNotExist();

        CheckpointQuantizer.quantize(in, out, REQUEST, QuantizationProgress.NONE);
        assertSameFiles(out, whole);
    }

    @Test
    void aMachineThatSeesOtherFilesIsRefused() {
        Path out = folder.resolve("out");
        Cluster elsewhere = new Cluster() {
            @Override
            public int slots() {
                return 1;
            }

            @Override
            public <P extends AutoCloseable, R extends Serializable> void run(String name, Place<P> place,
                    List<? extends ClusterTask<? super P, R>> tasks, Consumer<TaskResult<R>> done)
                    throws IOException {
                Files.writeString(folder.resolve("out.partial/seen-by-all"), "its own");
                assertThat(place.open()).isNotNull();
            }

            @Override
            public void close() {
                // nothing is kept
            }
        };
        assertThatThrownBy(() -> quantize(out, elsewhere)).isInstanceOf(ClusterException.class)
                .hasMessageContainingAll("machine ", "does not see", "out.partial");
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
