package org.quantado.kernels.quantize;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.quantado.kernels.codec.E8M0Rule;

class FloatFormatTest {
    @Test
    void formatsWithTheSameCodesAreEqual() {
        assertThat(FloatFormat.e4m3()).isEqualTo(FloatFormat.e4m3()).hasSameHashCodeAs(FloatFormat.e4m3())
                .isNotEqualTo(FloatFormat.e4m3Saturating()).isNotEqualTo(FloatFormat.e2m1());
        assertThat(MxQuantizer.mxfp8(E8M0Rule.CEIL_448)).isEqualTo(MxQuantizer.mxfp8(E8M0Rule.CEIL_448))
                .isNotEqualTo(MxQuantizer.mxfp8(E8M0Rule.FLOOR));
    }
}
