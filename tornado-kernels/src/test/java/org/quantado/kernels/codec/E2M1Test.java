package org.quantado.kernels.codec;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.quantado.kernels.golden.GoldenFolder;
import org.quantado.kernels.golden.GoldenTensors;

class E2M1Test {
    private static final int BITS_OF_LARGEST = 0x40c00000;
    private static final int NO_CODE = 255;

    @Test
    void everyNumberButNegativeZeroIsEncodedToItsOwnCode() {
        IntStream.range(0, 16).filter(code -> code != E2M1.SIGN_BIT)
                .forEach(code -> assertThat(E2M1.encode(E2M1.decode(code))).isEqualTo(code));
        assertThat(E2M1.decode(E2M1.SIGN_BIT)).isEqualTo(-0.0f);
    }

    @Test
    void theTableHoldsTheDecodedValues() {
        float[] table = E2M1.table().toHeapArray();
        assertThat(table).hasSize(16);
        IntStream.range(0, 16).forEach(code -> assertThat(table[code]).isEqualTo(E2M1.decode(code)));
    }

    @ParameterizedTest
    @CsvSource(textBlock = """
            -0.0, 0
            -1.4e-45, 8
            -0.25, 8
            0.25, 0
            0.75, 2
            1.25, 2
            1.75, 4
            2.5, 4
            3.5, 6
            5, 6
            5.0000005, 7
            1e30, 7
            Infinity, 7
            -Infinity, 15
            NaN, 0
            """)
    void tiesSignsAndTheEdgesOfTheRange(float value, int code) {
        assertThat(E2M1.encode(value)).isEqualTo(code);
    }

    /** No value of the format is nearer than the one chosen. */
    @Property(tries = 10_000)
    void encodingGivesANearestValue(@ForAll @IntRange(max = BITS_OF_LARGEST) int bits,
            @ForAll boolean negative) {
        float value = negative ? -Float.intBitsToFloat(bits) : Float.intBitsToFloat(bits);
        double error = Math.abs((double) value - E2M1.decode(E2M1.encode(value)));
        double least = IntStream.range(0, 16)
                .mapToDouble(code -> Math.abs((double) value - E2M1.decode(code))).min()
                .orElseThrow();
        assertThat(error).isEqualTo(least);
    }

    @Nested
    @Tag("golden")
    class Golden {
        private final GoldenTensors golden = GoldenFolder.tensors("codecs/e2m1.safetensors");

        @Test
        void everyCodeIsDecodedAsThePeerDoes() {
            assertValues(golden.bytes("decode_code"), golden.floats("decode_value"));
        }

        @Test
        void aSweepIsEncodedAsThePeerDoes() {
            float[] values = golden.floats("encode_x_f32");
            byte[] codes = golden.bytes("encode_code");
            assertThat(codes).isNotEmpty();
            for (int index = 0; index < codes.length; index++) {
                assertThat(E2M1.encode(values[index])).as("%s", values[index]).isEqualTo(codes[index]);
            }
            assertValues(codes, golden.floats("encode_value"));
        }

        @Test
        void everyBFloat16IsEncodedAsThePeerDoes() {
            float[] values = EveryBFloat16.values();
            byte[] codes = golden.bytes("all_bf16_code_ct");
            for (int index = 0; index < values.length; index++) {
                int expected = Byte.toUnsignedInt(codes[index]);
                if (expected != NO_CODE) {
                    assertThat(E2M1.encode(values[index])).as("%s", values[index]).isEqualTo(expected);
                }
            }
        }

        @Test
        void pairsArePackedAsThePeerDoes() {
            float[] values = golden.floats("pack_values");
            byte[] codes = new byte[values.length];
            for (int index = 0; index < values.length; index++) {
                codes[index] = codeOf(values[index]);
            }
            assertThat(Nibbles.pack(codes, golden.columns("pack_values")))
                    .isEqualTo(golden.bytes("pack_bytes"));
            assertThat(Nibbles.unpack(golden.bytes("pack_bytes"))).isEqualTo(codes);
        }

        /** The code of one of the format's own values, negative zero among them. */
        private byte codeOf(float value) {
            return (byte) IntStream.range(0, 16)
                    .filter(code -> Float.floatToIntBits(E2M1.decode(code)) == Float.floatToIntBits(value))
                    .findFirst()
                    .orElseThrow();
        }

        private void assertValues(byte[] codes, float[] values) {
            assertThat(codes).isNotEmpty();
            for (int index = 0; index < codes.length; index++) {
                assertThat(E2M1.decode(codes[index])).isEqualTo(values[index]);
            }
        }
    }
}
