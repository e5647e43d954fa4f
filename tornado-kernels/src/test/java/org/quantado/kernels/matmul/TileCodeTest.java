package org.quantado.kernels.matmul;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.quantado.kernels.codec.E2M1;
import org.quantado.kernels.codec.E4M3;

class TileCodeTest {
    @Test
    void everyNumberOfE4M3HasAField() {
        float[] values = E4M3.table().toHeapArray();
        TileCode.Scaled scaled = TileCode.narrowest(values).orElseThrow();
        assertThat(scaled).isEqualTo(new TileCode.Scaled(TileCode.SHIFTED10, 9));
        assertDecoded(scaled, values);
    }

    @Test
    void valuesOfE2M1AreHalvesInFiveBits() {
        float[] values = E2M1.table().toHeapArray();
        TileCode.Scaled scaled = TileCode.narrowest(values).orElseThrow();
        assertThat(scaled).isEqualTo(new TileCode.Scaled(TileCode.INT5, 1));
        assertDecoded(scaled, values);
    }

    @Test
    void valuesWithoutACommonUnitHaveNoCode() {
        assertThat(TileCode.narrowest(new float[]{0.1f, 0.7f})).isEmpty();
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
            int digit = field << (Integer.SIZE - code.digitBits()) >> (Integer.SIZE - code.digitBits());
            int amount = (field >> (code.digitBits() - 2)) & code.amountMask();
            assertThat((float) (digit << amount) / (1 << scaled.fraction())).isEqualTo(value + 0.0f);
        }
    }
}
