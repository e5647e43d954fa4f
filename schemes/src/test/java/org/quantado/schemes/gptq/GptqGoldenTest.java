package org.quantado.schemes.gptq;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;
import org.quantado.kernels.codec.ModelDtype;
import org.quantado.kernels.hessian.Hessian;
import org.quantado.kernels.hessian.HessianSum;
import org.quantado.schemes.Golden;
import org.quantado.schemes.checkpoint.SafetensorsFile;
import org.quantado.schemes.checkpoint.Tensor;
import org.quantado.schemes.config.ConfigGroup;
import org.quantado.schemes.config.Target;
import org.quantado.schemes.quantize.FloatWeight;
import org.quantado.schemes.quantize.Observer;
import org.quantado.schemes.quantize.RoundedWeight;
import org.quantado.schemes.quantize.WeightRounding;
import org.quantado.schemes.quantize.WeightScheme;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/** What llm-compressor's GPTQ made of the same weight and the same inputs. */
@Tag("golden")
@Tag("device")
class GptqGoldenTest {
    private static final String INPUTS = "inputs.safetensors";
    private static final double EQUAL_CODES = 0.995;
    private static final double OUTPUT_ERROR = 0.01;
    private static final double LOSS = 0.005;
    private static final double HESSIAN = 1e-5;

    @TestFactory
    Stream<DynamicTest> codesAreThoseOfThePeer() {
        return Golden.tests("case of GPTQ", GptqGoldenTest::isCase, GptqGoldenTest::compare);
    }

    private static boolean isCase(Path path) {
        return path.toString().endsWith(".safetensors") && !path.endsWith(INPUTS)
                && Files.exists(path.resolveSibling(INPUTS)) && path.getParent().endsWith("gptq");
    }

    private static void compare(Path file) {
        String name = file.getFileName().toString().replace(".safetensors", "");
        JsonNode peer = Golden.json(file.resolveSibling("meta.json")).path("cases").path(name);
        try (SafetensorsFile inputs = SafetensorsFile.open(file.resolveSibling(INPUTS));
                SafetensorsFile expected = SafetensorsFile.open(file)) {
            ModelDtype dtype = ModelDtype.valueOf(peer.get("weight_dtype").asText().toUpperCase(Locale.ROOT));
            Tensor w = inputs.tensor("W");
            int rows = (int) w.shape().dimension(0);
            int columns = (int) w.shape().dimension(1);
            FloatWeight weight = new FloatWeight(name, w.toFloats(), rows, columns, dtype);
            float[] x = inputs.tensor("X").toFloats();
            Hessian hessian = hessian(x, columns, (int) inputs.tensor("X").shape().dimension(0));
            assertSame(hessian, inputs.tensor("hessian").toFloats());

            GptqWeight ours = new Gptq(GptqOptions.DEFAULT, warning -> {
                throw new AssertionError(warning);
            }).quantize(weight, rounding(peer.get("args"), dtype), hessian);

            assertThat(equalCodes(ours.rounded(), expected.tensor("codes"))).as("codes")
                    .isGreaterThanOrEqualTo(EQUAL_CODES);
            assertSameScales(ours.rounded(), expected);
            assertThat(outputError(weight, ours.rounded(), x)).as("output error")
                    .isCloseTo(peer.get("output_mse_gptq").asDouble(),
                            within(OUTPUT_ERROR * peer.get("output_mse_gptq").asDouble()));
            assertThat(ours.loss().orElseThrow()).as("loss").isCloseTo(peer.get("loss").asDouble(),
                    within(LOSS * peer.get("loss").asDouble()));
        }
    }

    private static WeightRounding rounding(JsonNode args, ModelDtype dtype) {
        ObjectNode preset = JsonNodeFactory.instance.objectNode();
        preset.set("weights", args);
        preset.put("format", "pack-quantized");
        ConfigGroup group = ConfigGroup.readPreset("group_0", Path.of("meta.json"), preset,
                List.of(Target.of("Linear")));
        return new WeightRounding(WeightScheme.of(group), dtype, 0, Observer.MINMAX);
    }

    private static Hessian hessian(float[] x, int columns, int samples) {
        try (HessianSum sum = new HessianSum(columns)) {
            sum.add(FloatArray.fromArray(x), x.length / columns);
            return sum.hessian(samples);
        }
    }

    private static void assertSame(Hessian hessian, float[] peer) {
        float largest = 0;
        for (float value : peer) {
            largest = Math.max(largest, Math.abs(value));
        }
        for (int i = 0; i < hessian.columns(); i++) {
            for (int j = 0; j < hessian.columns(); j++) {
                assertThat((double) hessian.get(i, j)).isCloseTo(peer[i * hessian.columns() + j],
                        within(HESSIAN * largest));
            }
        }
    }

    private static double equalCodes(RoundedWeight ours, Tensor peer) {
        int columns = (int) peer.shape().dimension(1);
        int equal = 0;
        for (int row = 0; row < peer.shape().dimension(0); row++) {
            byte[] codes = ours.codes().apply(row);
            for (int k = 0; k < columns; k++) {
                equal += codes[k] == peer.byteAt((long) row * columns + k) ? 1 : 0;
            }
        }
        return (double) equal / peer.elements();
    }

    private static void assertSameScales(RoundedWeight ours, SafetensorsFile peer) {
        float[] scales = peer.tensor("weight_scale").toFloats();
        for (int block = 0; block < scales.length; block++) {
            assertThat(ours.scales().scale(block)).isEqualTo(scales[block]);
            if (peer.contains("weight_zero_point")) {
                assertThat((int) ours.scales().zeroPoint(block))
                        .isEqualTo(peer.tensor("weight_zero_point").byteAt(block));
            }
        }
        assertThat(ours.blocks().groups().isPresent()).isEqualTo(peer.contains("weight_g_idx"));
        ours.blocks().groups().ifPresent(groups -> {
            for (int column = 0; column < groups.length; column++) {
                assertThat(groups[column]).isEqualTo(peer.tensor("weight_g_idx").intAt(column));
            }
        });
    }

    /** Mean square over all inputs and outputs. */
    private static double outputError(FloatWeight weight, RoundedWeight ours, float[] x) {
        int columns = weight.columns();
        double sum = 0;
        for (int row = 0; row < weight.rows(); row++) {
            float[] rounded = ours.decode(row);
            for (int token = 0; token < x.length / columns; token++) {
                double error = 0;
                for (int k = 0; k < columns; k++) {
                    error += (double) (rounded[k] - weight.get(row, k)) * x[token * columns + k];
                }
                sum += error * error;
            }
        }
        int tokens = x.length / columns;
        return sum / weight.rows() / tokens;
    }
}
