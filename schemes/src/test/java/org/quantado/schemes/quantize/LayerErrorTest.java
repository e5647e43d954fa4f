package org.quantado.schemes.quantize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.quantado.schemes.quantize.LayerError.Channel;

class LayerErrorTest {
    private static LayerError error(double[] signal, double[] noise) {
        float[] maxErrors = new float[signal.length];
        for (int row = 0; row < maxErrors.length; row++) {
            maxErrors[row] = row / 4f;
        }
        ErrorHistogram histogram = new ErrorHistogram();
        for (float value : new float[]{0, 1, -1.1f, 1.25f, 1.5f, 1.99f, 2, -0.0f}) {
            histogram.add(value);
        }
        return LayerError.of("layer", "group_0", 3, signal, noise, maxErrors, histogram);
    }

    @Test
    void ratiosAreInDecibels() {
        LayerError error = error(new double[]{100, 300}, new double[]{1, 3});
        assertThat(error.sqnr()).isCloseTo(20, within(1e-12));
        assertThat(error.maxError()).isEqualTo(0.25f);
        assertThat(error.rows()).isEqualTo(2);
    }

    @Test
    void worstChannelsComeFirst() {
        double[] signal = IntStream.range(0, 12).mapToDouble(row -> 1).toArray();
        double[] noise = IntStream.range(0, 12).mapToDouble(row -> row % 4 == 0 ? 0 : row).toArray();
        assertThat(error(signal, noise).worstChannels()).extracting(Channel::row).containsExactly(11, 10, 9, 7, 6, 5,
                3, 2);
    }

    @Test
    void binsAreQuartersOfPowersOfTwo() {
        assertThat(error(new double[]{1}, new double[]{1}).histogram()).containsExactlyInAnyOrderEntriesOf(
                Map.of(0f, 2L, 1f, 2L, 1.25f, 1L, 1.5f, 1L, 1.75f, 1L, 2f, 1L));
    }

    @Test
    void jsonHoldsAllOfIt() {
        LayerError error = error(new double[]{1, 1 / 3.0}, new double[]{0, 0.1});
        assertThat(LayerErrorJson.read(LayerErrorJson.write(error))).isEqualTo(error);
        LayerError exact = error(new double[]{1}, new double[]{0});
        assertThat(exact.sqnr()).isInfinite();
        assertThat(LayerErrorJson.read(LayerErrorJson.write(exact))).isEqualTo(exact);
    }
}
