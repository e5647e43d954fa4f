package org.quantado.kernels.matmul.tiled;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.quantado.kernels.codec.E2M1;
import org.quantado.kernels.codec.E4M3;

class TileCodeTest {
    private static final List<TileCode> CODES = List.of(TileCode.INT2, TileCode.INT4, TileCode.INT5, TileCode.INT8,
            TileCode.SHIFTED10);

    @ParameterizedTest
    @EnumSource(TileCode.class)
    void fieldsOfAUnitDoNotOverlapAndFillItsWords(TileCode code) {
        int[] unit = new int[code.width()];
        for (int column = 0; column < TileCode.UNIT; column++) {
            int[] fields = new int[TileCode.UNIT];
            fields[column] = (1 << code.width()) - 1;
            int[] field = new int[code.width()];
            code.pack(fields, field);
            int bits = 0;
            for (int w = 0; w < unit.length; w++) {
                assertThat(unit[w] & field[w]).isZero();
                unit[w] |= field[w];
                bits += Integer.bitCount(field[w]);
            }
            assertThat(bits).isEqualTo(code.width());
        }
        assertThat(unit).containsOnly(-1);
    }

    @ParameterizedTest
    @EnumSource(TileCode.class)
    void fieldsInsideAWordLieInTheirPlaces(TileCode code) {
        int signs = 0;
        for (int column = 0; column < TileCode.UNIT; column++) {
            int[] fields = new int[TileCode.UNIT];
            fields[column] = (1 << code.width()) - 1;
            int[] unit = new int[code.width()];
            code.pack(fields, unit);
            long wordsWithIt = Arrays.stream(unit).filter(word -> word != 0).count();
            int word = Arrays.stream(unit).filter(w -> w != 0).findFirst().orElseThrow();
            assertThat(code.isInside(column)).isEqualTo(wordsWithIt == 1 && word > 0);
            if (code.isInside(column)) {
                assertThat(word).isEqualTo(fields[column] << code.place(column));
                signs |= Integer.highestOneBit(word);
            }
        }
        assertThat(code.signsInside()).isEqualTo(signs);
    }

    @Test
    void everyCodeOfE4M3IsAFieldOfItsOwn() {
        assertOwnFields(TileCode.E4M3_CODE, E4M3.table().toHeapArray());
    }

    @Test
    void everyCodeOfE2M1IsAFieldOfItsOwn() {
        assertOwnFields(TileCode.E2M1_CODE, E2M1.table().toHeapArray());
    }

    private static void assertOwnFields(TileCode code, float[] values) {
        TileCode.Scaled scaled = TileCode.first(List.of(TileCode.INT2, TileCode.INT4, code), values).orElseThrow();
        assertThat(scaled).isEqualTo(new TileCode.Scaled(code, 0));
        for (int c = 0; c < values.length; c++) {
            if (!Float.isNaN(values[c])) {
                assertThat(scaled.field(values[c])).contains(c);
            }
        }
    }

    @Test
    void everyNumberOfE4M3HasAField() {
        float[] values = E4M3.table().toHeapArray();
        TileCode.Scaled scaled = TileCode.first(CODES, values).orElseThrow();
        assertThat(scaled).isEqualTo(new TileCode.Scaled(TileCode.SHIFTED10, 9));
        assertDecoded(scaled, values);
    }

    @Test
    void valuesOfE2M1AreHalvesInFiveBits() {
        float[] values = E2M1.table().toHeapArray();
        TileCode.Scaled scaled = TileCode.first(CODES, values).orElseThrow();
        assertThat(scaled).isEqualTo(new TileCode.Scaled(TileCode.INT5, 1));
        assertDecoded(scaled, values);
    }

    @Test
    void valuesWithoutACommonUnitHaveNoCode() {
        assertThat(TileCode.first(CODES, new float[]{0.1f, 0.7f})).isEmpty();
    }

    private static void assertDecoded(TileCode.Scaled scaled, float[] values) {
        TileCode code = scaled.code();
        for (float value : values) {
            if (Float.isNaN(value)) {
                assertThat(scaled.field(value)).isEmpty();
                continue;
            }
            int field = scaled.field(value).orElseThrow();
            assertThat(field).isBetween(0, (1 << code.width()) - 1);
            int digit = field << (Integer.SIZE - code.width()) >> (Integer.SIZE - code.digitBits());
            int amount = (field & ((1 << code.amountBits()) - 1)) * 4;
            assertThat((float) (digit << amount) / (1 << scaled.fraction())).isEqualTo(value + 0.0f);
        }
    }
}
