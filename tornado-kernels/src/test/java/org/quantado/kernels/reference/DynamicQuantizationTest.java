package org.quantado.kernels.reference;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;
import org.quantado.kernels.golden.GoldenFolder;
import org.quantado.kernels.golden.GoldenTensors;
import org.quantado.kernels.reference.Fp8Quantization.Division;
import org.quantado.kernels.reference.Fp8Quantization.Fp8Blocks;

/** Activations quantized at run time, per token, group and tensor. */
@Tag("golden")
class DynamicQuantizationTest {
    private static final String INPUT = ".x";
    private final GoldenTensors golden = GoldenFolder.tensors("codecs/dynamic_act_quant.safetensors");

    @TestFactory
    Stream<DynamicTest> symmetricInt8PerToken() {
        return cases(".int8_sym", (values, columns, name) -> {
            IntBlocks blocks = DynamicInt8.symmetric(values, columns);
            assertThat(blocks.scales()).isEqualTo(golden.floats(name + ".scale"));
            assertThat(blocks.codes()).isEqualTo(golden.bytes(name + ".q"));
        });
    }

    @TestFactory
    Stream<DynamicTest> asymmetricInt8PerToken() {
        return cases(".int8_azp", (values, columns, name) -> {
            IntBlocks blocks = DynamicInt8.asymmetric(values, columns);
            assertThat(blocks.scales()).isEqualTo(golden.floats(name + ".scale"));
            assertThat(blocks.zeroPoints()).isEqualTo(golden.ints(name + ".azp"));
            assertThat(blocks.codes()).isEqualTo(golden.bytes(name + ".q"));
        });
    }

    @TestFactory
    Stream<DynamicTest> symmetricInt8PerTokenInTheModelsType() {
        return cases(".int8_ct", (values, columns, name) -> {
            IntQuantization quantization = new IntQuantization(8, true, golden.dtype(name + ".scale"));
            IntBlocks blocks = quantization.quantize(values, columns);
            assertThat(blocks.scales()).isEqualTo(golden.floats(name + ".scale"));
            assertThat(blocks.codes()).isEqualTo(golden.bytes(name + ".q"));
        });
    }

    @TestFactory
    Stream<DynamicTest> fp8PerToken() {
        return cases(".fp8_token", (values, columns, name) -> {
            Fp8Blocks blocks = Fp8Quantization.quantize(values, columns, Division.BY_RECIPROCAL);
            assertThat(blocks.scales()).isEqualTo(golden.floats(name + ".scale"));
            assertThat(blocks.codes()).isEqualTo(golden.bytes(name + ".q"));
        });
    }

    @TestFactory
    Stream<DynamicTest> fp8PerTokenDivided() {
        return cases(".fp8_token_div", (values, columns, name) -> {
            Fp8Blocks blocks = Fp8Quantization.quantize(values, columns, Division.EXACT);
            assertThat(blocks.codes()).isEqualTo(golden.bytes(name + ".q"));
        });
    }

    @TestFactory
    Stream<DynamicTest> fp8PerGroup() {
        return cases(".fp8_group128", (values, columns, name) -> {
            Fp8Blocks blocks = Fp8Quantization.quantize(values, 128, Division.EXACT);
            assertThat(blocks.scales()).isEqualTo(golden.floats(name + ".scale"));
            assertThat(blocks.codes()).isEqualTo(golden.bytes(name + ".q"));
        });
    }

    @TestFactory
    Stream<DynamicTest> fp8Static() {
        return cases(".fp8_static", (values, columns, name) -> {
            float scale = golden.floats(name + ".scale")[0];
            byte[] expected = golden.bytes(name + ".q");
            for (int index = 0; index < values.length; index++) {
                assertThat((byte) Fp8Quantization.encode(values[index], scale, Division.BY_RECIPROCAL))
                        .isEqualTo(expected[index]);
            }
        });
    }

    private interface Check {
        void run(float[] values, int columns, String name);
    }

    private Stream<DynamicTest> cases(String quantization, Check check) {
        return GoldenFolder.cases(() -> golden.prefixesOf(quantization + ".q")
                .map(dtype -> DynamicTest.dynamicTest(dtype,
                        () -> check.run(golden.floats(dtype + INPUT), golden.columns(dtype + INPUT),
                                dtype + quantization))));
    }
}
