package org.quantado.kernels.reference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.quantado.kernels.codec.ModelDtype;
import org.quantado.kernels.golden.GoldenFolder;
import org.quantado.kernels.golden.GoldenTensors;

class IntQuantizationTest {
    @Test
    void aBlockOfZerosHasTheTypesEpsilonAsItsScale() {
        IntBlocks blocks = new IntQuantization(8, false, ModelDtype.BF16).quantize(new float[32], 32);
        assertThat(blocks.scales()).containsExactly(0x1p-7f);
        assertThat(blocks.zeroPoints()).containsExactly(0);
        assertThat(blocks.codes()).containsOnly(0);
    }

    @Test
    void asymmetricRangesIncludeZero() {
        IntQuantization quantization = new IntQuantization(8, false, ModelDtype.F32);
        assertThat(quantization.scale(1, 2.55f)).isEqualTo(2.55f / 255);
        assertThat(quantization.zeroPoint(1, 2.55f)).isEqualTo(-128);
        assertThat(quantization.zeroPoint(-2.55f, -1)).isEqualTo(127);
    }

    @Test
    void valuesThatAreNoWholeBlocksAreRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new IntQuantization(4, true, ModelDtype.F32).quantize(new float[33], 32))
                .withMessage("33 values are not a whole number of blocks of 32");
    }

    @Test
    void otherWidthsAreRefused() {
        assertThatIllegalArgumentException().isThrownBy(() -> new IntQuantization(9, true, ModelDtype.F32))
                .withMessage("integer quantization with 9 bits: expected 2 to 8");
    }

    @Nested
    @Tag("golden")
    class Golden {
        private final GoldenTensors golden = GoldenFolder.tensors("codecs/int_quant.safetensors");

        @TestFactory
        Stream<DynamicTest> weightsAreQuantizedAsThePeerDoes() {
            return GoldenFolder.json("codecs/int_quant.json").valueStream()
                    .map(entry -> DynamicTest.dynamicTest(entry.get("key").textValue(), () -> check(entry)));
        }

        private void check(JsonNode entry) {
            String key = entry.get("key").textValue();
            String input = entry.get("input").textValue();
            JsonNode args = entry.get("args");
            boolean symmetric = args.get("symmetric").booleanValue();
            IntQuantization quantization = new IntQuantization(args.get("num_bits").intValue(), symmetric,
                    golden.dtype(input));
            float[] values = golden.floats(input);
            int blockSize = switch (args.get("strategy").textValue()) {
                case "group" -> args.get("group_size").intValue();
                case "channel" -> golden.columns(input);
                default -> values.length;
            };

            assertThat(quantization.minCode()).isEqualTo(entry.get("qmin").intValue());
            assertThat(quantization.maxCode()).isEqualTo(entry.get("qmax").intValue());
            IntBlocks blocks = quantization.quantize(values, blockSize);
            assertThat(blocks.scales()).isEqualTo(golden.floats(key + ".scale"));
            assertThat(blocks.codes()).isEqualTo(golden.bytes(key + ".q"));
            if (symmetric) {
                assertThat(blocks.zeroPoints()).containsOnly(0);
            } else {
                byte[] zeroPoints = golden.bytes(key + ".zero_point");
                for (int block = 0; block < zeroPoints.length; block++) {
                    assertThat(blocks.zeroPoints()[block]).isEqualTo(zeroPoints[block]);
                }
            }

            float[] fakeQuantized = new float[values.length];
            double sum = 0;
            for (int index = 0; index < values.length; index++) {
                int code = blocks.codes()[index];
                float scale = blocks.scales()[index / blockSize];
                int zeroPoint = blocks.zeroPoints()[index / blockSize];
                fakeQuantized[index] = quantization.fakeQuantize(values[index], scale, zeroPoint);
                sum += fakeQuantized[index];
                assertThat(quantization.decode(code, scale, zeroPoint))
                        .isEqualTo(fakeQuantized[index] + 0.0f);
            }
            if (golden.has(key + ".fake_quant")) {
                assertThat(fakeQuantized).isEqualTo(golden.floats(key + ".fake_quant"));
            }
            assertThat(sum).isEqualTo(golden.scalar(key + ".fake_quant_sum"));
        }

        @TestFactory
        Stream<DynamicTest> activationsAreFakeQuantizedAsThePeerDoes() {
            GoldenTensors cases = GoldenFolder.tensors("codecs/static_int8_fake_quant.safetensors");
            return GoldenFolder
                    .cases(() -> cases.prefixesOf(".x").map(name -> DynamicTest.dynamicTest(name, () -> {
                        IntQuantization quantization = new IntQuantization(8, true, cases.dtype(name + ".x"));
                        float scale = cases.floats(name + ".scale")[0];
                        float[] values = cases.floats(name + ".x");
                        float[] expected = cases.floats(name + ".y");
                        assertThat(expected).hasSameSizeAs(values);
                        for (int index = 0; index < values.length; index++) {
                            assertThat(Float.valueOf(quantization.fakeQuantize(values[index], scale, 0)))
                                    .as("%s", values[index]).isEqualTo(Float.valueOf(expected[index]));
                        }
                    })));
        }
    }
}
