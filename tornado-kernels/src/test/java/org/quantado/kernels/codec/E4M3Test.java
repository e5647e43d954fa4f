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
import org.junit.jupiter.params.provider.EnumSource;
import org.quantado.kernels.codec.E4M3.Overflow;
import org.quantado.kernels.golden.GoldenFolder;
import org.quantado.kernels.golden.GoldenTensors;

class E4M3Test {
    private static final int BITS_OF_LARGEST = 0x43e00000;
    @ParameterizedTest
    @EnumSource
    void everyNumberIsEncodedToItsOwnCode(Overflow overflow) {
        IntStream.range(0, 256).filter(code -> !Float.isNaN(E4M3.decode(code)))
                .forEach(code -> assertThat(E4M3.encode(E4M3.decode(code), overflow)).isEqualTo(code));
    }

    @Test
    void onlyTheTwoCodesOfNaNAreNaN() {
        assertThat(IntStream.range(0, 256).filter(code -> Float.isNaN(E4M3.decode(code))))
                .containsExactly(0x7f, 0xff);
    }

    @Test
    void theTableHoldsTheDecodedValues() {
        float[] table = E4M3.table().toHeapArray();
        assertThat(table).hasSize(256);
        IntStream.range(0, 256).forEach(
                code -> assertThat(Float.valueOf(table[code])).isEqualTo(Float.valueOf(E4M3.decode(code))));
    }

    @ParameterizedTest
    @CsvSource(textBlock = """
            NAN,      464,       0x7e
            NAN,      464.00003, 0x7f
            NAN,      -465,      0xff
            NAN,      Infinity,  0x7f
            NAN,      -Infinity, 0xff
            NAN,      NaN,       0x7f
            SATURATE, 464.00003, 0x7e
            SATURATE, Infinity,  0x7e
            SATURATE, -Infinity, 0xfe
            SATURATE, NaN,       0x7f
            NAN,      0.0,       0x00
            NAN,      -0.0,      0x80
            NAN,      -1e-30,    0x80
            NAN,      1.4e-45,   0x00
            NAN,      -1.4e-45,  0x80
            """)
    void theEdgesOfTheRange(Overflow overflow, float value, int code) {
        assertThat(E4M3.encode(value, overflow)).isEqualTo(code);
    }

    @Test
    void changingATableChangesNoEncoding() {
        E4M3.thresholds(Overflow.NAN).init(0.0f);
        assertThat(E4M3.encode(1.0f, Overflow.NAN)).isEqualTo(0x38);
    }

    /** No value of the format is nearer than the one chosen. */
    @Property(tries = 10_000)
    void encodingGivesANearestValue(@ForAll @IntRange(max = BITS_OF_LARGEST) int bits,
            @ForAll boolean negative) {
        float value = negative ? -Float.intBitsToFloat(bits) : Float.intBitsToFloat(bits);
        double error = Math.abs((double) value - E4M3.decode(E4M3.encode(value, Overflow.NAN)));
        double least = IntStream.range(0, 256).mapToDouble(E4M3::decode)
                .filter(number -> !Double.isNaN(number))
                .map(number -> Math.abs(value - number)).min().orElseThrow();
        assertThat(error).isEqualTo(least);
    }

    @Nested
    @Tag("golden")
    class Golden {
        private final GoldenTensors golden = GoldenFolder.tensors("codecs/e4m3fn.safetensors");

        @Test
        void everyCodeIsDecodedAsThePeerDoes() {
            byte[] codes = golden.bytes("decode_byte");
            float[] values = golden.floats("decode_value");
            assertThat(codes).isNotEmpty();
            for (int index = 0; index < codes.length; index++) {
                assertThat(Float.valueOf(E4M3.decode(Byte.toUnsignedInt(codes[index]))))
                        .isEqualTo(Float.valueOf(values[index]));
            }
        }

        @Test
        void aSweepIsEncodedAsThePeerDoes() {
            float[] values = golden.floats("encode_x_f32");
            assertCodes(values, Overflow.SATURATE, golden.bytes("encode_byte_ct"));
            assertCodes(values, Overflow.NAN, golden.bytes("encode_byte_torch"));
        }

        @Test
        void everyBFloat16IsEncodedAsThePeerDoes() {
            float[] values = EveryBFloat16.values();
            assertCodes(values, Overflow.SATURATE, golden.bytes("all_bf16_byte_ct"));
            assertCodes(values, Overflow.NAN, golden.bytes("all_bf16_byte_torch"));
        }

        private void assertCodes(float[] values, Overflow overflow, byte[] expected) {
            assertThat(expected).hasSameSizeAs(values);
            for (int index = 0; index < values.length; index++) {
                int mask = Float.isNaN(values[index]) ? E4M3.NAN_CODE : 0xff;
                assertThat(E4M3.encode(values[index], overflow) & mask)
                        .as("%s with %s", values[index], overflow)
                        .isEqualTo(expected[index] & mask);
            }
        }
    }
}
