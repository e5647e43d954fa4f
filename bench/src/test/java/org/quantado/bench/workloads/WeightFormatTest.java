package org.quantado.bench.workloads;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class WeightFormatTest {
    @Test
    void bytesOfACheckpointAreCodesAndScales() {
        assertThat(WeightFormat.MXFP4.checkpointBytes(4096, 14336)).isEqualTo(4096L * 14336 / 2 + 4096L * 14336 / 32);
        assertThat(WeightFormat.INT8_CHANNEL.checkpointBytes(4096, 14336)).isEqualTo(4096L * 14336 + 4096L * 2);
    }
}
