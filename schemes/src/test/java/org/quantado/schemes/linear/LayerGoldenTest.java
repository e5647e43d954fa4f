package org.quantado.schemes.linear;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;
import org.quantado.kernels.matmul.LinearWeight;
import org.quantado.kernels.quantize.QuantizePlan;
import org.quantado.kernels.quantize.Quantized;
import org.quantado.kernels.quantize.Quantizer;
import org.quantado.schemes.Golden;
import org.quantado.schemes.checkpoint.Checkpoint;
import org.quantado.schemes.checkpoint.DType;
import org.quantado.schemes.checkpoint.Tensor;
import org.quantado.schemes.model.Model;
import org.quantado.schemes.model.ModelLayer;
import org.quantado.schemes.select.SchemeName;
import org.quantado.schemes.select.Selection.Selected;

import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/** What layers are made of, bit for bit as the peer has it: dequantized weights, codes and scales of activations. */
@Tag("device")
@Tag("golden")
class LayerGoldenTest {
    private static final String EXPECTED = "expected.safetensors";

    @TestFactory
    Stream<DynamicTest> weightsAreDequantizedBitForBit() {
        return Golden.tests("dequantized weight", path -> has(path, "w_dequant"), LayerGoldenTest::checkWeight);
    }

    @TestFactory
    Stream<DynamicTest> activationsAreQuantizedBitForBit() {
        return Golden.tests("quantized activation", path -> has(path, "x_"), LayerGoldenTest::checkActivations);
    }

    @TestFactory
    Stream<DynamicTest> onlineWeightsAreQuantizedBitForBit() {
        return Golden.tests("weight quantized while loading", path -> has(path, "w_q_head"),
                LayerGoldenTest::checkOnlineWeight);
    }

    private static boolean has(Path folder, String prefix) {
        Path expected = folder.resolve(EXPECTED);
        if (!folder.toString().contains("/linear/") || !Files.exists(expected)) {
            return false;
        }
        try (Checkpoint tensors = Checkpoint.open(expected)) {
            return tensors.names().stream().anyMatch(name -> name.startsWith(prefix));
        }
    }

    private static void checkWeight(Path folder) {
        try (Model model = Model.open(folder); Checkpoint expected = Checkpoint.open(folder.resolve(EXPECTED))) {
            ModelLayer layer = layer(model, folder);
            assumeTrue(layer.selection() instanceof Selected, "the weight is not quantized");
            try (QuantizedLinear linear = layer.load(Activations.OFF)) {
                LinearWeight weight = linear.weight();
                Tensor rows = expected.find("w_dequant").orElseGet(() -> expected.tensor("w_dequant_rows"));
                Optional<Tensor> index = expected.find("row_index");
                int inputs = linear.spec().inputSizePerPartition();
                for (int i = 0; i < rows.shape().dimension(0); i++) {
                    int n = index.isPresent() ? (int) index.get().longAt(i) : i;
                    double[] row = weight.row(n);
                    for (int k = 0; k < inputs; k++) {
                        assertThat((float) row[k]).as("w[%d, %d]", n, k).isEqualTo(rows.floatAt(i * (long) inputs + k));
                    }
                }
            }
        }
    }

    private static void checkActivations(Path folder) {
        try (Model model = Model.open(folder); Checkpoint expected = Checkpoint.open(folder.resolve(EXPECTED))) {
            ModelLayer layer = layer(model, folder);
            assumeTrue(layer.selection() instanceof Selected, "activations are quantized as the weight is");
            Selected selected = (Selected) layer.selection();
            CompressedTensorsScheme scheme = (CompressedTensorsScheme) LinearSchemes.of(selected, model.dtype());
            LoadedParameters parameters = scheme.createWeights(layer.spec()).load(model.checkpoint());
            Optional<Quantizer> quantizer = scheme.input().flatMap(format -> format.quantizer(parameters));
            assumeTrue(quantizer.isPresent(), "activations are not quantized");
            boolean symmetric = selected.scheme() == SchemeName.WNA8_INT;
            compareCodes(quantizer.get(), expected, symmetric ? "_sym" : "");
        }
    }

    private static void checkOnlineWeight(Path folder) {
        try (Model model = Model.open(folder); Checkpoint expected = Checkpoint.open(folder.resolve(EXPECTED))) {
            Tensor weight = model.checkpoint().tensor(layer(model, folder).name() + ".weight");
            compareCodes(OnlineFormat.MXFP8.weights(0), weight, expected.find("w_q_head"), Optional.empty(),
                    expected.find("w_scale_head"), Optional.empty());
        }
    }

    private static void compareCodes(Quantizer quantizer, Checkpoint expected, String suffix) {
        compareCodes(quantizer, expected.tensor("x"), expected.find("x_q_head").or(() -> expected.find("x_q" + suffix)),
                expected.find("x_packed"), expected.find("x_scale_head").or(() -> expected.find("x_scale" + suffix)),
                suffix.isEmpty()
                        ? expected.find("x_azp").or(() -> expected.find("x_zero_point"))
                        : Optional.empty());
    }

    private static void compareCodes(Quantizer quantizer, Tensor x, Optional<Tensor> codes, Optional<Tensor> nibbles,
            Optional<Tensor> scales, Optional<Tensor> zeroPoints) {
        int rows = (int) x.shape().dimension(0);
        int inputs = (int) x.shape().dimension(1);
        try (QuantizePlan plan = new QuantizePlan(quantizer, Byte.SIZE, rows, inputs)) {
            plan.rows().copyFrom(FloatArray.fromArray(x.toFloats()), 0, rows);
            plan.execute(rows);
            Quantized quantized = plan.quantized();
            codes.ifPresent(tensor -> assertBytes(plan.codes(), tensor, "code"));
            nibbles.ifPresent(tensor -> assertNibbles(plan.codes(), tensor));
            zeroPoints.ifPresent(tensor -> assertThat(quantized.scaleCodes().toHeapArray())
                    .startsWith(repeated(tensor.toInts(), rows)));
            scales.ifPresent(tensor -> assertScales(quantized, tensor, rows));
        }
    }

    private static void assertScales(Quantized quantized, Tensor expected, int rows) {
        if (expected.dtype() != DType.F32) {
            assertBytes(quantized.scaleCodes().toHeapArray(), expected, "scale");
            return;
        }
        float[] values = expected.toFloats();
        int perRow = Math.max(1, values.length / rows);
        for (int i = 0; i < rows * perRow; i++) {
            assertThat(quantized.scales().get(i)).as("scale %d", i).isEqualTo(values[i % values.length]);
        }
    }

    private static int[] repeated(int[] values, int rows) {
        return values.length == 1 ? IntStream.generate(() -> values[0]).limit(rows).toArray() : values;
    }

    private static void assertBytes(int[] found, Tensor expected, String what) {
        for (int i = 0; i < expected.elements(); i++) {
            assertThat(found[i] & 0xff).as("%s %d", what, i).isEqualTo(expected.byteAt(i) & 0xff);
        }
    }

    private static void assertNibbles(int[] found, Tensor expected) {
        for (int i = 0; i < 2 * expected.elements(); i++) {
            int nibble = (expected.byteAt(i / 2) >> (4 * (i % 2))) & 0xf;
            assertThat(found[i]).as("code %d", i).isEqualTo(nibble);
        }
    }

    private static ModelLayer layer(Model model, Path folder) {
        return model.layer(Golden.json(folder.resolve("meta.json")).path("module").asText());
    }
}
