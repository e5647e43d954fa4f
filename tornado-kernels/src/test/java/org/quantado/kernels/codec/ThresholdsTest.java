package org.quantado.kernels.codec;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.NotEmpty;
import org.junit.jupiter.api.Test;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

class ThresholdsTest {
    @Property
    void rankCountsTheThresholdsBelow(@ForAll @NotEmpty float[] steps, @ForAll float value) {
        Arrays.sort(steps);
        FloatArray thresholds = Thresholds.padded(steps);
        int below = 0;
        for (float step : steps) {
            below += step < value ? 1 : 0;
        }
        assertThat(Thresholds.rank(thresholds, thresholds.getSize(), value)).isEqualTo(below);
    }

    @Test
    void aTieBelongsToTheEvenIndex() {
        FloatArray thresholds = Thresholds.toNearestEven(new float[]{0, 1, 2, 4});
        assertThat(Thresholds.rank(thresholds, 4, 0.5f)).isZero();
        assertThat(Thresholds.rank(thresholds, 4, Math.nextUp(0.5f))).isEqualTo(1);
        assertThat(Thresholds.rank(thresholds, 4, 1.5f)).isEqualTo(2);
        assertThat(Thresholds.rank(thresholds, 4, Math.nextDown(1.5f))).isEqualTo(1);
        assertThat(Thresholds.rank(thresholds, 4, 3.0f)).isEqualTo(2);
        assertThat(Thresholds.rank(thresholds, 4, Float.POSITIVE_INFINITY)).isEqualTo(3);
        assertThat(Thresholds.rank(thresholds, 4, Float.NaN)).isZero();
    }

    @Test
    void tablesAreAsLongAsTheNextPowerOfTwo() {
        assertThat(Thresholds.padded(new float[3]).getSize()).isEqualTo(4);
        assertThat(Thresholds.padded(new float[4]).getSize()).isEqualTo(8);
    }
}
