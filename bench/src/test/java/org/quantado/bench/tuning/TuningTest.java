package org.quantado.bench.tuning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.quantado.bench.workloads.WeightFormat;
import org.quantado.bench.workloads.WeightShape;
import org.quantado.kernels.matmul.BlockSizes;
import org.quantado.kernels.matmul.DeviceSettings;
import org.quantado.kernels.matmul.Flavour;

class TuningTest {
    private static final DeviceSettings CPU = settings(Flavour.CPU, Map.of(1, 1, 4, 4, 16, 16));

    private final List<Trial> trials = new ArrayList<>();

    @Test
    void sizesThatAreFasterAreTaken() {
        trial(Flavour.CPU, 1, 100, 180, 300);
        trial(Flavour.CPU, 4, 400, 400, 200);
        trial(Flavour.CPU, 16, 1600, 1500, 800);
        Tuning tuning = Tuning.of(CPU, trials);
        assertThat(tuning.chosen()).isEqualTo(settings(Flavour.CPU, Map.of(1, 1, 2, 16)));
        assertThat(tuning.gain()).isCloseTo(Math.cbrt(2), within(1e-9));
        assertThat(tuning.before()).isEqualTo(CPU);
    }

    @Test
    void whatIsInUseStaysUnlessTheGainIsWorthwhile() {
        trial(Flavour.CPU, 1, 100, 99, 300);
        trial(Flavour.CPU, 4, 400, 400, 399);
        trial(Flavour.CPU, 16, 1600, 1500, 1490);
        Tuning tuning = Tuning.of(settings(Flavour.CPU, Map.of(1, 1, 4, 4, 8, 16)), trials);
        assertThat(tuning.chosen()).isEqualTo(tuning.before());
        assertThat(tuning.gain()).isEqualTo(1);
    }

    @Test
    void theFlavourIsTheOneThatIsFastestAllInAll() {
        trial(Flavour.PORTABLE, 1, 90);
        trial(Flavour.PORTABLE, 4, 4000);
        trial(Flavour.CPU, 1, 100, 150, 200);
        trial(Flavour.CPU, 4, 400, 200, 300);
        Tuning tuning = Tuning.of(settings(Flavour.PORTABLE, Map.of(1, 1)), trials);
        assertThat(tuning.chosen()).isEqualTo(CPU);
        assertThat(tuning.gain()).isCloseTo(Math.sqrt(90.0 / 100 * 4000 / 200), within(1e-9));
    }

    @Test
    void aFlavourThatWasGivenUpIsNotTaken() {
        trial(Flavour.PORTABLE, 1, 1);
        trial(Flavour.CPU, 1, 100, 150, 200);
        trial(Flavour.CPU, 4, 400, 200, 300);
        assertThat(Tuning.of(CPU, trials).chosen()).isEqualTo(CPU);
    }

    @Test
    void whatIsNotTriedStays() {
        trial(Flavour.GPU, 16, 300, 100, 200);
        DeviceSettings before = new DeviceSettings(Flavour.GPU, BlockSizes.of(Map.of(1, 1)), 1000);
        assertThat(Tuning.of(before, trials).chosen())
                .isEqualTo(new DeviceSettings(Flavour.GPU, BlockSizes.of(Map.of(1, 16)), 1000));
    }

    @Test
    void everyUsableFlavourIsTriedOnTheDevice() {
        List<Trial> seen = new ArrayList<>();
        Tuning tuning = new Tuner(new WeightShape(48, 64), 0).run(seen::add);
        assertThat(tuning.trials()).isEqualTo(seen);
        assertThat(seen).extracting(Trial::format).contains(WeightFormat.MXFP4, WeightFormat.INT8_CHANNEL);
        assertThat(seen.stream().filter(trial -> trial.rows() == 1 && trial.format() == WeightFormat.MXFP4)
                .map(trial -> trial.flavour() + " " + trial.rowsPerBlock()))
                .containsExactly("PORTABLE 1", "CPU 1", "CPU 4", "CPU 16", "GPU 1", "GPU 16", "GPU 64", "HOST 1",
                        "HOST 4", "HOST 8",
                        "HOST 16");
        assertThat(seen).allSatisfy(trial -> assertThat(trial.nanos()).isPositive());
        assertThat(tuning.gain()).isGreaterThan(0);
    }

    private static DeviceSettings settings(Flavour flavour, Map<Integer, Integer> from) {
        return DeviceSettings.of(flavour).with(BlockSizes.of(from));
    }

    /** @param nanos for each size of blocks */
    private void trial(Flavour flavour, int rows, long... nanos) {
        for (int i = 0; i < nanos.length; i++) {
            trials.add(new Trial(WeightFormat.MXFP4, rows, flavour, flavour.blockSizes().get(i), nanos[i]));
        }
    }
}
