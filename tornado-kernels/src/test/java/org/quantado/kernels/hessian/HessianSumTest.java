package org.quantado.kernels.hessian;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.lang.foreign.Arena;
import java.util.Random;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.quantado.kernels.matmul.Flavour;

import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

@Tag("device")
class HessianSumTest {
    private static final int COLUMNS = 140;
    private static final int SAMPLES = 3;

    /** Sums of {@value HessianSum#CAPACITY} and more products of values around 1. */
    private static final double TOLERANCE = 1e-5;

    @ParameterizedTest
    @EnumSource
    void everyFlavourSumsUpAllRows(Flavour flavour) {
        assumeThat(flavour.hindrance()).isEmpty();
        Random random = new Random(1);
        int[] counts = {HessianSum.CAPACITY + 7, 1, 30};
        double[][] expected = new double[COLUMNS][COLUMNS];
        long rows = 0;
        try (HessianSum sum = new HessianSum(COLUMNS, flavour)) {
            for (int count : counts) {
                FloatArray x = new FloatArray((count + 2) * COLUMNS);
                for (int i = 0; i < x.getSize(); i++) {
                    x.set(i, i % COLUMNS == 5 ? 0 : (float) random.nextGaussian());
                }
                add(expected, x, count);
                sum.add(x, count);
                rows += count;
            }
            Hessian hessian = sum.hessian(SAMPLES);

            assertThat(hessian.rows()).isEqualTo(rows);
            assertThat(hessian.isDead(5)).isTrue();
            assertThat(hessian.curvature(5)).isEqualTo(1);
            for (int i = 0; i < COLUMNS; i++) {
                for (int j = 0; j < COLUMNS; j++) {
                    assertThat((double) hessian.get(i, j)).isCloseTo(expected[i][j] * 2 / SAMPLES,
                            within(TOLERANCE * rows));
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void beginsAgainWithNothing(Flavour flavour) {
        assumeThat(flavour.hindrance()).isEmpty();
        FloatArray one = normal(1, 33);
        FloatArray other = normal(2, HessianSum.CAPACITY + 3);
        try (Arena arena = Arena.ofShared();
                HessianSum again = new HessianSum(COLUMNS, flavour);
                HessianSum fresh = new HessianSum(COLUMNS, flavour)) {
            again.add(one, 33);
            SquareSums first = again.sums(arena);
            again.clear();
            assertThat(again.sums(arena).rows()).isZero();
            again.add(other, HessianSum.CAPACITY + 3);
            fresh.add(other, HessianSum.CAPACITY + 3);
            SquareSums second = again.sums(arena);
            assertThat(second.values().mismatch(fresh.sums(arena).values())).isEqualTo(-1);

            Hessian whole = first.copy(arena).add(second).hessian(1);

            assertThat(whole.rows()).isEqualTo(HessianSum.CAPACITY + 36);
            assertThat(whole.get(7, 90)).isEqualTo(whole.get(90, 7))
                    .isEqualTo((first.hessian(2).get(7, 90) + second.hessian(2).get(7, 90)) * 2);
        }
    }

    private static FloatArray normal(int seed, int count) {
        Random random = new Random(seed);
        FloatArray x = new FloatArray(count * COLUMNS);
        for (int i = 0; i < x.getSize(); i++) {
            x.set(i, (float) random.nextGaussian());
        }
        return x;
    }

    private static void add(double[][] sums, FloatArray x, int count) {
        for (int row = 0; row < count; row++) {
            for (int i = 0; i < COLUMNS; i++) {
                for (int j = 0; j < COLUMNS; j++) {
                    sums[i][j] += (double) x.get(row * COLUMNS + i) * x.get(row * COLUMNS + j);
                }
            }
        }
    }

    @Test
    void aLayerThatSawNothingSaysSo() {
        try (HessianSum sum = new HessianSum(COLUMNS)) {
            assertThat(sum.hessian(1).isEmpty()).isTrue();
        }
    }

    @Test
    void rowsThatAreNotThereAreRefused() {
        try (HessianSum sum = new HessianSum(COLUMNS)) {
            assertThatThrownBy(() -> sum.add(new FloatArray(COLUMNS), 2)).isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("are not 2 rows of 140");
        }
    }
}
