package org.quantado.bench.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import java.util.Optional;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.quantado.bench.model.ModelShape.Experts;
import org.quantado.bench.model.ModelTime.Phase;
import org.quantado.bench.workloads.WeightFormat;

/** Small models of the same families as those that are measured. */
@Tag("device")
class ModelBenchTest {
    private static final int PROMPT = 12;
    private static final int SEQUENCES = 3;

    @Test
    void measuresAModelOfOneMlp() throws IOException {
        check(new ModelShape("small", "llama", 128, 2, 4, 2, 32, 256, Optional.empty(), 320), WeightFormat.INT4_G128);
    }

    @Test
    void measuresAModelOfExperts() throws IOException {
        check(new ModelShape("small", "qwen3_moe", 128, 1, 4, 2, 32, 128, Optional.of(new Experts(4, 2)), 320),
                WeightFormat.MXFP4);
    }

    private static void check(ModelShape shape, WeightFormat format) throws IOException {
        ModelMeasurements measured = new ModelBench(shape, format, PROMPT, 2, SEQUENCES, 0).run();
        assertThat(measured.weightBytes()).isGreaterThan(measured.fileBytes() / 2);
        assertThat(measured.cacheBytes()).isEqualTo(2L * SEQUENCES * shape.layers() * (PROMPT + 2) * shape.kvHeads()
                * shape.headSize() * Float.BYTES);
        assertThat(measured.kernels()).isGreaterThan(10);
        assertThat(measured.times()).extracting(ModelTime::phase).containsExactly(Phase.values());
        assertThat(measured.times()).extracting(ModelTime::tokens).isEqualTo(List.of(PROMPT, 1, SEQUENCES));
        measured.times().forEach(time -> {
            assertThat(time.productShare()).isPositive();
            assertThat(time.nanosByTask().values().stream().flatMap(tasks -> tasks.keySet().stream()))
                    .contains("lookUp", "qkv", "output", "logits");
            assertThat(time.nanosByTask().values().stream().flatMap(tasks -> tasks.values().stream())
                    .mapToLong(Long::longValue).sum()).isPositive();
        });
    }
}
