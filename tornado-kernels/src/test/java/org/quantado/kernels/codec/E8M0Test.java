package org.quantado.kernels.codec;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.quantado.kernels.golden.GoldenFolder;
import org.quantado.kernels.golden.GoldenTensors;

class E8M0Test {
    @Test
    void theTableHoldsThePowersOfTwo() {
        float[] table = E8M0.table().toHeapArray();
        assertThat(table).hasSize(256).startsWith(0x1p-127f).endsWith(Float.POSITIVE_INFINITY);
        IntStream.range(0, 256).forEach(code -> assertThat(table[code]).isEqualTo(E8M0.decode(code)));
        IntStream.range(0, 255)
                .forEach(code -> assertThat(table[code]).isEqualTo((float) Math.pow(2, code - 127)));
    }

    @ParameterizedTest
    @CsvSource(textBlock = """
            CEIL_448,                 0, 119, 120, 254
            FLOOR,                    1, 127, 127, 254
            EVEN_E4M3,                0, 119, 120, 255
            EVEN_E2M1,                0, 125, 126, 255
            CEIL_6,                   0, 125, 126, 254
            EVEN_E4M3_IN_F16,       127, 119, 120, 255
            EVEN_E2M1_IN_F16,       127, 125, 126, 255
            EVEN_E2M1_IN_F16_QUARK,   0, 125, 126, 255
            """)
    void rulesAtZeroOneAlmostTwoAndInfinity(E8M0Rule rule, int ofZero, int ofOne, int ofAlmostTwo,
            int ofInfinity) {
        assertThat(rule.encode(0.0f)).isEqualTo(ofZero);
        assertThat(rule.encode(1.0f)).isEqualTo(ofOne);
        assertThat(rule.encode(1.9375f)).isEqualTo(ofAlmostTwo);
        assertThat(rule.encode(Float.POSITIVE_INFINITY)).isEqualTo(ofInfinity);
    }

    @ParameterizedTest
    @CsvSource(textBlock = """
            EVEN_E4M3, 246, 255
            EVEN_E2M1, 252, 255
            """)
    void evenRulesOverflowWhereTheRoundedAmaxDoes(E8M0Rule rule, int below, int above) {
        assertThat(rule.encode(Math.nextDown(0x1.cp127f))).isEqualTo(below);
        assertThat(rule.encode(0x1.cp127f)).isEqualTo(above);
    }

    @ParameterizedTest
    @CsvSource(textBlock = """
            EVEN_E4M3_IN_F16,       127, 105, 134
            EVEN_E2M1_IN_F16,       127, 111, 140
            EVEN_E2M1_IN_F16_QUARK,   0, 111, 140
            """)
    void rulesInF16EndWhereItsExponentsDo(E8M0Rule rule, int underflow, int smallest, int largest) {
        assertThat(rule.encode(Math.nextDown(0x1.8p-15f))).isEqualTo(underflow);
        assertThat(rule.encode(0x1.8p-15f)).isEqualTo(smallest);
        assertThat(rule.encode(Math.nextDown(0x1.cp15f))).isEqualTo(largest);
        assertThat(rule.encode(0x1.cp15f)).isEqualTo(255);
    }

    @Test
    void ceilRulesStepJustAboveTheLargestCodeAndEvenRulesAtAMantissaOf175() {
        assertThat(E8M0Rule.CEIL_448.encode(448.0f)).isEqualTo(127);
        assertThat(E8M0Rule.EVEN_E4M3.encode(448.0f)).isEqualTo(128);
        assertThat(E8M0Rule.CEIL_6.encode(6.0f)).isEqualTo(127);
        assertThat(E8M0Rule.CEIL_6.encode(Math.nextUp(6.0f))).isEqualTo(128);
        assertThat(E8M0Rule.EVEN_E2M1.encode(Math.nextDown(7.0f))).isEqualTo(127);
    }

    @ParameterizedTest
    @EnumSource
    void aNaNInABlockSpoilsItsScale(E8M0Rule rule) {
        assertThat(rule.encode(Float.NaN)).isEqualTo(E8M0.NOT_FINITE);
    }

    @ParameterizedTest
    @EnumSource
    void thresholdsAscendAndArePadded(E8M0Rule rule) {
        float[] thresholds = rule.thresholds().toHeapArray();
        assertThat(thresholds).hasSize(E8M0.THRESHOLDS).endsWith(Float.POSITIVE_INFINITY).isSorted();
    }

    /** With a ceil rule no finite amax saturates, and half the scale would have let it. */
    @Test
    void ceilRulesChooseTheSmallestScaleThatFits() {
        for (float amax : EveryBFloat16.values()) {
            if (amax > 0 && Float.isFinite(amax)) {
                assertSmallestFit(E8M0Rule.CEIL_448, amax, 448);
                assertSmallestFit(E8M0Rule.CEIL_6, amax, 6);
            }
        }
    }

    private void assertSmallestFit(E8M0Rule rule, float amax, double largest) {
        int code = rule.encode(amax);
        assertThat(amax / (double) E8M0.decode(code)).isLessThanOrEqualTo(largest);
        if (code > 0) {
            assertThat(amax / (double) E8M0.decode(code - 1)).isGreaterThan(largest);
        }
    }

    @Nested
    @Tag("golden")
    class Golden {
        private final GoldenTensors golden = GoldenFolder.tensors("codecs/e8m0.safetensors");

        @TestFactory
        Stream<DynamicTest> everyByteIsDecodedAsThePeersDo() {
            return Stream
                    .of("decode_ct", "decode_vllm", "decode_vllm_dequant_bf16", "decode_ref_bf16",
                            "decode_ref_f16")
                    .map(name -> DynamicTest.dynamicTest(name, () -> {
                        ModelDtype dtype = name.endsWith("f16") && !name.endsWith("bf16")
                                ? ModelDtype.F16
                                : ModelDtype.BF16;
                        byte[] bytes = golden.bytes("byte");
                        float[] values = golden.floats(name);
                        assertThat(values).hasSize(256);
                        for (int index = 0; index < bytes.length; index++) {
                            assertThat(dtype.round(E8M0.decode(Byte.toUnsignedInt(bytes[index]))))
                                    .isEqualTo(values[index]);
                        }
                    }));
        }

        @TestFactory
        Stream<DynamicTest> amaxIsEncodedAsThePeersDo() {
            return Stream.of( //
                    encodes("mxfp8_vllm_head_bf16", E8M0Rule.CEIL_448, "amax_bf16"),
                    encodes("mxfp8_vllm_head_f16", E8M0Rule.CEIL_448, "amax_f16"),
                    encodes("mxfp8_vllm_head_f32_exact", E8M0Rule.CEIL_448, "amax_f32"),
                    encodes("mxfp8_vllm_seed_bf16", E8M0Rule.FLOOR, "amax_bf16"),
                    encodes("mxfp8_vllm_seed_f16", E8M0Rule.FLOOR, "amax_f16"),
                    encodes("mxfp8_vllm_seed_f32_exact", E8M0Rule.FLOOR, "amax_f32"),
                    encodes("mxfp8_ct_bf16", E8M0Rule.EVEN_E4M3, "amax_bf16"),
                    encodes("mxfp8_ct_f32", E8M0Rule.EVEN_E4M3, "amax_f32"),
                    encodes("mxfp8_ct_f16", E8M0Rule.EVEN_E4M3_IN_F16, "amax_f16"),
                    encodes("mxfp4_ct_bf16", E8M0Rule.EVEN_E2M1, "amax_bf16"),
                    encodes("mxfp4_ct_f32", E8M0Rule.EVEN_E2M1, "amax_f32"),
                    encodes("mxfp4_ct_f16", E8M0Rule.EVEN_E2M1_IN_F16, "amax_f16"),
                    encodes("mxfp4_quarkref_bf16", E8M0Rule.EVEN_E2M1, "amax_bf16"),
                    encodes("mxfp4_quarkref_f16", E8M0Rule.EVEN_E2M1_IN_F16_QUARK, "amax_f16"));
        }

        private DynamicTest encodes(String expected, E8M0Rule rule, String amax) {
            return DynamicTest.dynamicTest(expected, () -> {
                byte[] codes = golden.bytes(expected);
                float[] values = golden.floats(amax);
                assertThat(codes).hasSameSizeAs(values);
                for (int index = 0; index < values.length; index++) {
                    assertThat(rule.encode(values[index])).as("%s", values[index])
                            .isEqualTo(Byte.toUnsignedInt(codes[index]));
                }
            });
        }
    }
}
