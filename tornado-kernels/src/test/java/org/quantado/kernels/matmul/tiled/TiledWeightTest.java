package org.quantado.kernels.matmul.tiled;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;

import org.junit.jupiter.api.Test;
import org.quantado.kernels.matmul.ExpertMatrix;
import org.quantado.kernels.matmul.ExpertWeights;
import org.quantado.kernels.matmul.LinearWeight;
import org.quantado.kernels.matmul.OneByOne;
import org.quantado.kernels.matmul.RandomWeights;

class TiledWeightTest {
    private static final int OUTPUTS = 20;
    private static final int INPUTS = 64;
    private static final List<TileCode> CODES = List.of(TileCode.INT4, TileCode.INT5);

    private final RandomWeights random = new RandomWeights(3);

    @Test
    void expertsThatAreReadOneByOneAreTheSame() {
        ExpertMatrix all = random.e2m1(3, OUTPUTS, INPUTS);
        TiledWeight tiled = TiledWeight.pack(new OneByOne(all), CODES).orElseThrow();
        TiledWeight atOnce = TiledWeight.pack(all, CODES).orElseThrow();
        assertThat(tiled.words().getArray().toHeapArray()).isEqualTo(atOnce.words().getArray().toHeapArray());
        assertThat(tiled.scales().getArray().toHeapArray()).isEqualTo(atOnce.scales().getArray().toHeapArray());
        assertThat(tiled.bias().getArray().toHeapArray()).isEqualTo(atOnce.bias().getArray().toHeapArray());
        assertThat(tiled.words().getLength()).isEqualTo(3 * 2 * tiled.wordsPerRow() + TiledWeight.AHEAD);
    }

    @Test
    void expertsThatAreNotAlikeAreRefused() {
        ExpertWeights weights = new ExpertWeights() {
            @Override
            public int experts() {
                return 2;
            }

            @Override
            public int outputs() {
                return OUTPUTS;
            }

            @Override
            public int inputs() {
                return INPUTS;
            }

            @Override
            public LinearWeight read(int expert) {
                return random.e2m1(1, OUTPUTS + expert, INPUTS).stacked();
            }
        };
        assertThatThrownBy(() -> TiledWeight.pack(weights, CODES)).isInstanceOf(IllegalArgumentException.class)
                .hasMessage("expert 1 has a weight of another size or format than the first");
    }
}
