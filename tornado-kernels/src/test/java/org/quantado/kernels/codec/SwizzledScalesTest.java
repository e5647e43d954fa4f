package org.quantado.kernels.codec;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class SwizzledScalesTest {
    @Test
    void rowsThatLie32ApartAreNeighboursInATile() {
        byte[] scales = new byte[200 * 5];
        scales[33 * 5 + 2] = 1;
        scales[130 * 5 + 4] = 2;
        byte[] swizzled = SwizzledScales.swizzle(scales, 200, 5);
        assertThat(swizzled).hasSize(256 * 8);
        assertThat(swizzled[16 + 4 + 2]).isEqualTo((byte) 1);
        assertThat(swizzled[3 * 512 + 2 * 16]).isEqualTo((byte) 2);
    }

    @Property(tries = 100)
    void unswizzlingGivesBackWhatWasSwizzled(@ForAll @IntRange(max = 300) int rows,
            @ForAll @IntRange(max = 20) int columns, @ForAll long seed) {
        byte[] scales = new byte[rows * columns];
        new SplittableRandom(seed).nextBytes(scales);
        byte[] swizzled = SwizzledScales.swizzle(scales, rows, columns);
        assertThat(swizzled.length % 512).isZero();
        assertThat(SwizzledScales.unswizzle(swizzled, rows, columns)).isEqualTo(scales);
    }
}
