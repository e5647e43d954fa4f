package org.quantado.kernels.attention;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.OptionalDouble;
import java.util.Random;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.quantado.kernels.graph.GraphPlan;
import org.quantado.kernels.graph.Heads;
import org.quantado.kernels.graph.RowBatch;
import org.quantado.kernels.graph.Rows;

import uk.ac.manchester.tornado.api.types.arrays.IntArray;

@Tag("device")
class RopeTest {
    private static final RopeScaling PLAIN = new RopeScaling.Default();
    private static final float FLOAT_STEP = 0x1p-23f;

    @ParameterizedTest
    @CsvSource({"8,8,0,false", "64,64,0,true", "24,16,8,true", "24,16,8,false", "128,64,0,false"})
    void pairsAreTurned(int size, int dim, int first, boolean interleaved) {
        Rope rope = new Rope(RopeTable.of(dim, 10000, PLAIN, 400), first, interleaved);
        RowBatch batch = new RowBatch(3);
        Rows x = batch.rows(2 * size + 3);
        Rows y = batch.rows(2 * size);
        Random random = new Random(4);
        for (int i = 0; i < x.values().getSize(); i++) {
            x.values().set(i, (float) random.nextGaussian());
        }
        IntArray positions = IntArray.fromElements(0, 7, 399);
        try (GraphPlan plan = GraphPlan.of("tested", graph -> {
            graph.constants(rope.table().cos(), rope.table().sin(), x.values());
            graph.inputs(positions).inputs(batch.shapes());
            rope.addTo(graph, "rope", Heads.at(x, 3, 2, size), positions, Heads.of(y, 2));
            graph.outputs(y.values());
        })) {
            batch.setCount(3);
            plan.execute();
        }
        for (int m = 0; m < 3; m++) {
            for (int h = 0; h < 2; h++) {
                int from = m * x.width() + 3 + h * size;
                double[] expected = new double[size];
                for (int i = 0; i < size; i++) {
                    expected[i] = x.values().get(from + i);
                }
                for (int p = 0; p < dim / 2; p++) {
                    int a = first + (interleaved ? 2 * p : p);
                    int b = first + (interleaved ? 2 * p + 1 : p + dim / 2);
                    double angle = positions.get(m) * (double) (float) Math.pow(10000, -2.0 * p / dim);
                    expected[a] = x.values().get(from + a) * Math.cos(angle)
                            - x.values().get(from + b) * Math.sin(angle);
                    expected[b] = x.values().get(from + b) * Math.cos(angle)
                            + x.values().get(from + a) * Math.sin(angle);
                }
                for (int i = 0; i < size; i++) {
                    assertThat((double) y.values().get((m * 2 + h) * size + i)).isCloseTo(expected[i], within(1e-6));
                }
            }
        }
    }

    @Test
    void linearDividesAll() {
        float[] frequencies = new RopeScaling.Linear(8).frequencies(4, 10000, 1);
        assertThat(frequencies).containsExactly(1 / 8f, 0.01f / 8);
    }

    /** Of 1, 0.1, 0.01 and 0.001: 1273, 127, 12.7 and 1.27 turns in 8000 positions. */
    @Test
    void llama3LeavesHighFrequenciesAndDividesLowOnes() {
        float[] frequencies = new RopeScaling.Llama3(8, 2, 100, 8000).frequencies(8, 10000, 1);
        assertThat(frequencies[0]).isEqualTo(1);
        assertThat(frequencies[1]).isEqualTo(0.1f);
        double kept = (8000 * 0.01 / (2 * Math.PI) - 2) / 98;
        assertThat(frequencies[2]).isCloseTo((float) (0.01 * (kept + (1 - kept) / 8)), within(0.01f * FLOAT_STEP));
        assertThat(frequencies[3]).isCloseTo(0.001f / 8, within(0.001f * FLOAT_STEP));
    }

    @Test
    void yarnDividesFromANumberOn() {
        double low = 64 * Math.log(4096 / (32 * 2 * Math.PI)) / (2 * Math.log(10000));
        double high = 64 * Math.log(4096 / (1 * 2 * Math.PI)) / (2 * Math.log(10000));
        float[] exact = new RopeScaling.Yarn(4, 4096, 32, 1, false, 1).frequencies(64, 10000, 1);
        float[] truncated = new RopeScaling.Yarn(4, 4096, 32, 1, true, 1).frequencies(64, 10000, 1);
        for (int i = 0; i < 32; i++) {
            double plain = Math.pow(10000, -i / 32.0);
            double ramp = Math.clamp((i - low) / (high - low), 0.0, 1.0);
            assertThat((double) exact[i]).isCloseTo(plain * (1 - ramp) + plain / 4 * ramp, within(plain * FLOAT_STEP));
            double rounded = Math.clamp((i - Math.floor(low)) / (Math.ceil(high) - Math.floor(low)), 0.0, 1.0);
            assertThat((double) truncated[i]).isCloseTo(plain * (1 - rounded) + plain / 4 * rounded,
                    within(plain * FLOAT_STEP));
        }
        assertThat(RopeScaling.Yarn.attentionFactor(4, OptionalDouble.empty(), OptionalDouble.of(1)))
                .isEqualTo(0.1 * Math.log(4) + 1);
        assertThat(RopeScaling.Yarn.attentionFactor(4, OptionalDouble.of(0.5), OptionalDouble.of(1)))
                .isEqualTo((0.05 * Math.log(4) + 1) / (0.1 * Math.log(4) + 1));
        assertThat(RopeScaling.Yarn.attentionFactor(1, OptionalDouble.empty(), OptionalDouble.empty())).isEqualTo(1);
    }

    @Test
    void longRopeHasTwoTables() {
        double factor = RopeScaling.LongRope.attentionFactor(4, 32);
        assertThat(factor).isEqualTo(Math.sqrt(1 + Math.log(4) / Math.log(32)));
        RopeScaling scaling = new RopeScaling.LongRope(List.of(1.0, 2.0), List.of(3.0, 4.0), 32, factor);
        RopeTable table = RopeTable.of(4, 10000, scaling, 128);
        assertThat(table.row(5, 32)).isEqualTo(5);
        assertThat(table.row(5, 33)).isEqualTo(133);
        assertThat(table.cos().get(2 * 5 + 1)).isEqualTo((float) (Math.cos(5 * (double) 0.005f) * factor));
        assertThat(table.sin().get(2 * 133 + 1)).isEqualTo((float) (Math.sin(5 * (double) 0.0025f) * factor));
        assertThat(RopeTable.of(4, 10000, scaling, 32).cos().getSize()).isEqualTo(64);
    }
}
