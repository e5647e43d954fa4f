package org.quantado.kernels.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class NibblesTest {
    @Test
    void anEvenColumnIsTheLowNibble() {
        assertThat(Nibbles.pack(new byte[]{1, 2, 15, 8}, 2)).containsExactly(0x21, 0x8f);
    }

    @Property
    void unpackingGivesBackWhatWasPacked(
            @ForAll @Size(24) List<@IntRange(max = 15) Integer> values) {
        byte[] codes = new byte[values.size()];
        for (int index = 0; index < codes.length; index++) {
            codes[index] = values.get(index).byteValue();
        }
        assertThat(Nibbles.unpack(Nibbles.pack(codes, 6))).isEqualTo(codes);
    }

    @Test
    void anOddNumberOfColumnsIsRefused() {
        assertThatIllegalArgumentException().isThrownBy(() -> Nibbles.pack(new byte[6], 3))
                .withMessage("tensor must have an even number of columns for nvfp4 compression");
    }
}
