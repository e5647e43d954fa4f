package org.quantado.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;

import org.junit.jupiter.api.Test;

class MatmulGridTest {
    @Test
    void bytesOfACheckpointAreCodesAndScales() {
        assertThat(WeightFormat.MXFP4.checkpointBytes(4096, 14336)).isEqualTo(4096L * 14336 / 2 + 4096L * 14336 / 32);
        assertThat(WeightFormat.INT8_CHANNEL.checkpointBytes(4096, 14336)).isEqualTo(4096L * 14336 + 4096L * 2);
    }

    @Test
    void everyFormatIsCheckedAndMeasured() {
        List<MatmulResult> seen = new ArrayList<>();
        MatmulGrid grid = new MatmulGrid(List.of(WeightFormat.values()), List.of(new WeightShape(40, 256)),
                List.of(1, 5), 0.001);
        MatmulReport report = grid.run(seen::add);
        assertThat(report.peaks().readBytesPerSecond()).isPositive();
        assertThat(report.peaks().flopPerSecond()).isPositive();
        assertThat(seen).isEqualTo(report.results()).hasSize(2 * WeightFormat.values().length)
                .allSatisfy(result -> assertThat(result.wall().repetitions()).isGreaterThanOrEqualTo(7));
    }
}
