package org.quantado.schemes.linear;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;

import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.quantado.kernels.codec.ModelDtype;
import org.quantado.schemes.Golden;
import org.quantado.schemes.checkpoint.Checkpoint;
import org.quantado.schemes.checkpoint.CheckpointException;
import org.quantado.schemes.model.Model;
import org.quantado.schemes.model.ModelLayer;
import org.quantado.schemes.select.Selection.Unquantized;

import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/** Shards of every scheme, put together, give what the whole layer gives. */
@Tag("device")
@Tag("golden")
class TensorParallelTest {
    /** Shards sum in another order than the whole, so that they differ as floats do: relative to the largest output. */
    private static final float REORDERED_SUM_TOLERANCE = 1e-5f;

    @TestFactory
    Stream<DynamicTest> columnShardsConcatenatedAreTheWhole() {
        return Golden.tests("layer", TensorParallelTest::isLayer,
                folder -> check(folder, 2, TensorParallel.Cut.OUTPUTS));
    }

    @TestFactory
    Stream<DynamicTest> rowShardsSummedAreTheWhole() {
        return Golden.tests("layer", TensorParallelTest::isLayer,
                folder -> check(folder, 2, TensorParallel.Cut.INPUTS));
    }

    @TestFactory
    Stream<DynamicTest> shardsThatCutAGroupAreRefusedWithAdvice() {
        return Golden.tests("layer with groups", path -> isLayer(path) && path.toString().contains("group128_m5"),
                folder -> {
                    try (Model model = Model.open(folder)) {
                        ModelLayer layer = layer(model, folder);
                        assertThatThrownBy(
                                () -> layer.load(TensorParallel.rows(0, 4), Activations.OFF, Optional.empty()))
                                .isInstanceOf(SchemeException.class)
                                .hasMessageContaining("is not divisible by group_size=128")
                                .hasMessageContaining("Consider reducing tensor_parallel_size");
                    }
                });
    }

    @Test
    void sizesThatDoNotDivideAreRefused() {
        LinearSpec spec = LinearSpec.of("layer", 10, 9, ModelDtype.F32);
        assertThatThrownBy(() -> spec.withParallel(TensorParallel.rows(0, 2))).hasMessageContaining("input_size=9");
        assertThatThrownBy(() -> spec.withParallel(TensorParallel.columns(0, 3)))
                .hasMessageContaining("output_size=10");
        assertThatThrownBy(() -> TensorParallel.rows(2, 2)).hasMessageContaining("rank 2 of 2");
    }

    private static boolean isLayer(Path path) {
        boolean isLayer = path.toString().contains("/linear/")
                || (path.toString().contains("/golden/dialects/") && !path.toString().contains("/mxfp4/"));
        return isLayer && Files.exists(path.resolve("expected.safetensors"))
                && Golden.json(path.resolve("meta.json")).hasNonNull("module");
    }

    private static void check(Path folder, int size, TensorParallel.Cut cut) {
        try (Model model = Model.open(folder);
                Checkpoint expected = Checkpoint.open(folder.resolve("expected.safetensors"))) {
            ModelLayer layer = layer(model, folder);
            Optional<OnlineFormat> online = layer.selection() instanceof Unquantized
                    ? Optional.of(OnlineFormat.MXFP8)
                    : Optional.empty();
            FloatArray x = FloatArray.fromArray(expected.tensor("x").toFloats());
            Function<TensorParallel, QuantizedLinear> load = part -> layer.load(part, Activations.OFF, online);
            float[] whole = apply(load.apply(TensorParallel.WHOLE), x);
            LinearSpec spec = layer.spec();
            float[] joined = new float[whole.length];
            int rows = x.getSize() / spec.inputSize();
            for (int rank = 0; rank < size; rank++) {
                TensorParallel part = new TensorParallel(cut, rank, size);
                QuantizedLinear shard;
                try {
                    shard = load.apply(part);
                } catch (SchemeException | CheckpointException | IllegalArgumentException refused) {
                    assertThat(refused).as("%s", refused).hasMessageContaining("tensor_parallel_size");
                    return;
                }
                add(shard, apply(shard, cut == TensorParallel.Cut.INPUTS ? columns(x, spec, rank, size) : x), joined,
                        rows);
            }
            float largest = 0;
            for (float value : whole) {
                largest = Math.max(largest, Math.abs(value));
            }
            for (int i = 0; i < whole.length; i++) {
                assertThat(Math.abs(joined[i] - whole[i])).as("y %d", i)
                        .isLessThanOrEqualTo(REORDERED_SUM_TOLERANCE * largest);
            }
        }
    }

    private static float[] apply(QuantizedLinear linear, FloatArray x) {
        try (linear) {
            return linear.apply(x).toHeapArray();
        }
    }

    /** The inputs of a rank: its columns of x. */
    private static FloatArray columns(FloatArray x, LinearSpec spec, int rank, int size) {
        int inputs = spec.inputSize();
        int width = inputs / size;
        FloatArray part = new FloatArray(x.getSize() / size);
        for (int i = 0; i < part.getSize(); i++) {
            part.set(i, x.get(i / width * inputs + rank * width + i % width));
        }
        return part;
    }

    /** Adds a shard's outputs to their places in the whole's: partition by partition, a shard's part of each. */
    private static void add(QuantizedLinear shard, float[] y, float[] joined, int rows) {
        LinearSpec spec = shard.spec();
        int shardOutputs = spec.outputSizePerPartition();
        int wholeOutputs = joined.length / rows;
        for (int m = 0; m < rows; m++) {
            int from = 0;
            int to = 0;
            for (LinearSpec.Partition partition : spec.partitions()) {
                Span held = spec.outputs(partition);
                for (int n = 0; n < held.length(); n++) {
                    joined[m * wholeOutputs + to + held.from() + n] += y[m * shardOutputs + from + n];
                }
                from += held.length();
                to += partition.outputSize();
            }
        }
    }

    private static ModelLayer layer(Model model, Path folder) {
        return model.layer(Golden.json(folder.resolve("meta.json")).path("module").asText());
    }
}
