package org.quantado.models.decoder;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.quantado.kernels.codec.E8M0Rule;
import org.quantado.kernels.reference.MxQuantization;
import org.quantado.models.GoldenModels;
import org.quantado.models.LanguageModel;
import org.quantado.models.ModelOptions;
import org.quantado.schemes.checkpoint.Checkpoint;
import org.quantado.schemes.checkpoint.DType;
import org.quantado.schemes.checkpoint.SafetensorsLayout;
import org.quantado.schemes.checkpoint.SafetensorsWriter;
import org.quantado.schemes.checkpoint.Tensor;
import org.quantado.schemes.linear.Activations;
import org.quantado.schemes.linear.OnlineFormat;

/** A model that is quantized while loading is the same as one whose weights have the values of the codes. */
@Tag("device")
class OnlineModelTest {
    private static final MxQuantization MXFP8 = new MxQuantization(MxQuantization.Element.E4M3_CODE, E8M0Rule.CEIL_448);
    /** Of sums in another order. */
    private static final float TOLERANCE = 1e-4f;
    private static final ModelOptions WEIGHTS_ONLY = ModelOptions.USUAL.withContext(32)
            .withActivations(Activations.OFF);
    private static final int[] IDS = IntStream.range(0, 20).map(i -> (i * i * 7 + 3) % 250).toArray();
    /** What stays as it is: no linear layer, or none that is quantized. */
    private static final List<String> LEFT_ALONE = List.of("model.embed_tokens.weight", "lm_head.weight",
            "mlp.gate.weight");

    @TempDir
    private Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"tiny/llama", "tiny/deepseek_v3"})
    void weightsAreThoseOfTheirCodes(String name) throws IOException {
        Path bundled = GoldenModels.bundled(name);
        Files.copy(bundled.resolve("config.json"), folder.resolve("config.json"));
        writeRounded(bundled);
        float[] online = logits(bundled, WEIGHTS_ONLY.withOnline(OnlineFormat.MXFP8));
        float[] rounded = logits(folder, WEIGHTS_ONLY);
        assertThat(largestDifference(online, rounded)).isLessThan(TOLERANCE);
        assertThat(largestDifference(online, logits(bundled, WEIGHTS_ONLY))).isGreaterThan(100 * TOLERANCE);
    }

    private void writeRounded(Path from) throws IOException {
        try (Checkpoint checkpoint = Checkpoint.open(from)) {
            SafetensorsLayout layout = new SafetensorsLayout();
            checkpoint.infos().values().forEach(info -> layout.tensor(info.name(), DType.F32, info.shape()));
            try (SafetensorsWriter writer = SafetensorsWriter.create(folder.resolve("model.safetensors"), layout)) {
                for (String name : checkpoint.names()) {
                    writer.write(name, MemorySegment.ofArray(rounded(checkpoint.tensor(name))));
                }
                writer.commit();
            }
        }
    }

    private static float[] rounded(Tensor tensor) {
        float[] values = tensor.toFloats();
        boolean isQuantized = tensor.shape().rank() == 2 && LEFT_ALONE.stream().noneMatch(tensor.name()::endsWith);
        return isQuantized ? MXFP8.dequantize(MXFP8.quantize(values)) : values;
    }

    /** The logits after each id. */
    private static float[] logits(Path model, ModelOptions options) {
        try (Session session = LanguageModel.open(model, options).session(1)) {
            int width = session.vocabulary();
            float[] all = new float[IDS.length * width];
            session.logits(session.open(), IDS, (first, count, logits) -> System
                    .arraycopy(Arrays.copyOf(logits.toHeapArray(), count * width), 0, all, first * width,
                            count * width));
            return all;
        }
    }

    private static float largestDifference(float[] some, float[] others) {
        float largest = 0;
        for (int i = 0; i < some.length; i++) {
            largest = Math.max(largest, Math.abs(some[i] - others[i]));
        }
        return largest;
    }
}
