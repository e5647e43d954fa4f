package org.quantado.schemes.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.quantado.schemes.linear.Activations;
import org.quantado.schemes.linear.QuantizedLinear;

import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/** The README's example runs, and is the one in the README. */
@Tag("device")
class ReadmeExampleTest {
    private static final Path CHECKPOINT = Path.of("src/test/resources/golden/linear/nvfp4/a16_m17");
    private static final String LAYER = "model.layers.0.self_attn.q_proj";

    @Test
    void theExampleRuns() {
        assertThat(example(CHECKPOINT, LAYER)).isFinite().isNotZero();
    }

    @Test
    void theReadmeShowsIt() throws IOException {
        String readme = normalized(Files.readString(Path.of("../README.md")));
        String source = Files.readString(
                Path.of("src/test/java/org/quantado/schemes/model/ReadmeExampleTest.java"));
        String begin = "// README: begin\n";
        String example = source
                .substring(source.lastIndexOf(begin) + begin.length(), source.lastIndexOf("// README: end"))
                .replace("checkpoint", "Path.of(\"Llama-3.2-1B-NVFP4A16\")")
                .replace("layerName", "\"model.layers.0.mlp.down_proj\"")
                .replace("result = y.get(0);", "System.out.println(y.get(0));");
        assertThat(readme).contains(normalized(example));
    }

    private static float example(Path checkpoint, String layerName) {
        float result;
        // README: begin
        try (Model model = Model.open(checkpoint);
                QuantizedLinear layer = model.layer(layerName).load(Activations.CONFIG)) {
            FloatArray x = new FloatArray(layer.spec().inputSize()); // one row, [1, K]
            x.init(1.0f);
            FloatArray y = layer.apply(x); // [1, N]
            result = y.get(0);
        }
        // README: end
        return result;
    }

    private static String normalized(String text) {
        return text.lines().map(String::strip).filter(line -> !line.isEmpty()).collect(Collectors.joining("\n"));
    }
}
