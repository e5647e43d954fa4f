package org.quantado.cli.inspect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.quantado.cli.CommandRun;
import org.quantado.cli.Golden;
import org.quantado.cli.SmallLlama;
import org.quantado.cli.report.ExitCode;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

@Tag("device")
class LoadTimesTest {
    private static final double ROUNDING = 1e-9;

    @TempDir
    private Path folder;

    @Test
    void everyQuantizedLayerIsTimed() throws IOException {
        Path in = Files.createDirectory(folder.resolve("in"));
        Path out = folder.resolve("out");
        SmallLlama.write(in);
        CommandRun.of("quantize", in, out, "--preset", "W4A16", "--ignore", "re:.*k_proj,re:.*q_proj,re:.*v_proj");

        CommandRun run = CommandRun.of("inspect", out, "--time", "--json");

        assertThat(run.exitCode()).as(run.err()).isEqualTo(ExitCode.DONE);
        JsonNode checkpoint = run.json().path("checkpoints").path(0);
        JsonNode loading = checkpoint.path("loading");
        JsonNode layers = loading.path("layers");
        assertThat(layers.findValuesAsText("name")).hasSize(4).allMatch(name -> name.contains("o_proj")
                || name.contains("mlp"));
        assertThat(layers.findValuesAsText("method")).containsOnly("CompressedTensorsWNA16");
        double seconds = 0;
        for (JsonNode layer : layers) {
            seconds += layer.path("seconds").asDouble();
            assertThat(layer.path("bytesPerSecond").asDouble() * layer.path("seconds").asDouble())
                    .isCloseTo(layer.path("bytes").asDouble(), within(1.0));
            assertThat(layer.path("packedBytes").asLong()).isGreaterThan(layer.path("bytes").asLong() / 2);
            assertThat(layer.path("peakBytes").asLong()).isGreaterThanOrEqualTo(layer.path("packedBytes").asLong());
        }
        assertThat(loading.path("seconds").asDouble()).isCloseTo(seconds, within(ROUNDING));
        assertThat(loading.path("bytes").asLong()).isLessThan(checkpoint.path("bytes").asLong());
        assertThat(loading.path("ratio").asDouble() * loading.path("pageCacheBytesPerSecond").asDouble())
                .isCloseTo(loading.path("bytesPerSecond").asDouble(), within(1.0));
        assertThat(loading.path("largestTensorBytes").asLong()).isPositive();
        assertThat(loading.findValues("peakRatio")).allSatisfy(ratio -> assertThat(ratio.asDouble()).isNotNegative());
        layers.forEach(layer -> assertThat(layer.has("peakRatio"))
                .isEqualTo(layer.path("packedBytes").asLong() >= 1_000_000));
        assertThat(loading.path("engine").path("flavour").asText()).isNotEmpty();
    }

    @Test
    void blocksOfExpertsAreTimedAsOne() {
        CommandRun run = CommandRun.of("inspect", Golden.kept("moe/checkpoint/mxfp4"), "--time");
        assertThat(run.exitCode()).as(run.err()).isEqualTo(ExitCode.DONE);
        String timed = run.out().substring(run.out().indexOf("loaded"));
        assertThat(timed).contains("model.layers.0.mlp ", " packed in ", "too little to say more")
                .doesNotContain("experts.0", "of the packed", "page cache")
                .doesNotContainPattern(" -[0-9]").doesNotContainPattern(" 0[.]00\\b");
    }

    @Test
    void whatIsWrongIsNotTimed() {
        CommandRun run = CommandRun.of("inspect", Golden.kept("bad/missing_weight_scale"), "--time", "--json");
        run.assertFailedWith(ExitCode.BAD_INPUT, "weight_scale");
        assertThat(run.json().path("checkpoints").path(0).has("loading")).isFalse();
    }

    @Test
    void memoryOutsideOfTheHeapAndInItCounts() {
        int size = 8 << 20;
        try (MemoryWatch watch = new MemoryWatch()) {
            IntArray outside = new IntArray(size);
            byte[] inside = new byte[size];
            // All but a tenth, which the rest of the process may give back meanwhile; each alone would be far less.
            assertThat(watch.peak()).isGreaterThan(size * 9L / 2);
            assertThat(outside.getSize()).isEqualTo(inside.length);
        }
    }

    @Test
    void memoryThatIsGoneAgainCounts() {
        try (MemoryWatch watch = new MemoryWatch()) {
            int size = takeForAWhile();
            assertThat(watch.peak()).isGreaterThan(size * 7L / 2);
        }
    }

    @SuppressWarnings("ExplicitGarbageCollection")
    private static int takeForAWhile() {
        IntArray array = new IntArray(8 << 20);
        for (int i = 0; i < 20; i++) {
            array.init(i);
        }
        int size = array.getSize();
        array = null;
        System.gc();
        return size;
    }

    @Test
    void filesAreReadAtSomeRate() throws IOException {
        Path file = folder.resolve("file");
        Files.write(file, new byte[(3 << 20) + 7]);
        assertThat(PageCacheRead.bytesPerSecond(List.of(file, file))).isGreaterThan(1e6);
        assertThatThrownBy(() -> PageCacheRead.bytesPerSecond(List.of(folder.resolve("none"))))
                .isInstanceOf(NoSuchFileException.class);
    }
}
