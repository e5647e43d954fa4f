package org.quantado.models.calibrate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.function.BiFunction;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.quantado.kernels.codec.ModelDtype;
import org.quantado.kernels.reference.IntQuantization;
import org.quantado.schemes.quantize.Grid;

import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/** Ranges are those of llm-compressor's observers, computed here in plain arithmetic. */
class SampleRangeTest {
    private static final int SAMPLES = 6;
    private static final int WIDTH = 24;
    /** Columns that are observed, of the width. */
    private static final int FIRST = 4;
    private static final int COLUMNS = 16;
    private static final int ROWS = 30;
    private static final double AVERAGING = 0.01;
    private static final double FP8_MAX = 448;

    /** How values are quantized. */
    enum Format {
        INT8 {
            @Override
            double quantized(double x, double min, double max) {
                double scale = Math.max(-min, max) / 127.5;
                return scale * Math.clamp(Math.rint(x / scale), -128, 127);
            }

            @Override
            Grid grid() {
                return new Grid.Int(new IntQuantization(Byte.SIZE, true, ModelDtype.F32));
            }
        },
        UINT4 {
            @Override
            double quantized(double x, double min, double max) {
                double scale = (max - min) / 15;
                double zeroPoint = Math.clamp(Math.rint(-8 - min / scale), -8, 7);
                return scale * (Math.clamp(Math.rint(x / scale + zeroPoint), -8, 7) - zeroPoint);
            }

            @Override
            Grid grid() {
                return new Grid.Int(new IntQuantization(4, false, ModelDtype.F32));
            }
        },
        FP8 {
            @Override
            double quantized(double x, double min, double max) {
                double scale = Math.max(-min, max) / FP8_MAX;
                double magnitude = Math.min(Math.abs(x) / scale, FP8_MAX);
                double unit = Math.pow(2, Math.max(-6, Math.getExponent(magnitude)) - 3);
                return Math.copySign(scale * unit * Math.rint(magnitude / unit), x);
            }

            @Override
            Grid grid() {
                return new Grid.Fp8(ModelDtype.F32);
            }
        };

        abstract double quantized(double x, double min, double max);

        abstract Grid grid();
    }

    private record Expected(double min, double max) {
        static Expected of(float[] values) {
            return new Expected(stream(values).min().orElseThrow(), stream(values).max().orElseThrow());
        }

        Expected times(double factor) {
            return new Expected(min * factor, max * factor);
        }

        Expected averaged(Expected next) {
            return new Expected(min + AVERAGING * (next.min - min), max + AVERAGING * (next.max - max));
        }
    }

    private static DoubleStream stream(float[] values) {
        return IntStream.range(0, values.length).mapToDouble(i -> values[i]);
    }

    /** Of each sample what is observed; other columns hold what must not be. */
    private static List<float[]> samples() {
        Random random = new Random(5);
        return IntStream.range(0, SAMPLES).mapToObj(sample -> {
            float[] values = new float[ROWS * COLUMNS];
            for (int i = 0; i < values.length; i++) {
                values[i] = (float) (random.nextGaussian() * (1 + sample) + 0.5);
            }
            return values;
        }).toList();
    }

    private static Expected observed(ActivationObserver kind, Optional<Grid> grid) {
        SampleRange range = new SampleRange(kind, ModelDtype.F32, grid);
        RangeAverage average = new RangeAverage(kind, ModelDtype.F32);
        for (float[] sample : samples()) {
            FloatArray rows = new FloatArray(ROWS * WIDTH);
            rows.init(1e9f);
            for (int i = 0; i < sample.length; i++) {
                rows.set(i / COLUMNS * WIDTH + FIRST + i % COLUMNS, sample[i]);
            }
            range.add(rows, ROWS, WIDTH, FIRST, COLUMNS);
            average.add(range.end());
        }
        assertThat(average.isFinite()).isTrue();
        return new Expected(average.min(), average.max());
    }

    private static Expected expected(BiFunction<float[], Expected, Expected> ofSample,
            BiFunction<Expected, Expected, Expected> together) {
        return samples().stream().map(sample -> ofSample.apply(sample, Expected.of(sample)))
                .reduce(together::apply).orElseThrow();
    }

    private static void assertAlike(Expected found, Expected expected) {
        assertThat(found.min).isCloseTo(expected.min, within(1e-5 * Math.abs(expected.min)));
        assertThat(found.max).isCloseTo(expected.max, within(1e-5 * Math.abs(expected.max)));
    }

    @Test
    void staticMinmaxTakesAllSamples() {
        assertAlike(observed(ActivationObserver.STATIC_MINMAX, Optional.empty()),
                expected((sample, range) -> range,
                        (a, b) -> new Expected(Math.min(a.min, b.min), Math.max(a.max, b.max))));
    }

    @Test
    void minmaxIsAMovingAverage() {
        assertAlike(observed(ActivationObserver.MINMAX, Optional.empty()),
                expected((sample, range) -> range, Expected::averaged));
    }

    @ParameterizedTest
    @EnumSource
    void mseIsAMovingAverageOfTheRangesWithTheLeastErrors(Format format) {
        Expected expected = expected((sample, range) -> range.times(bestFactor(format, sample, range)),
                Expected::averaged);
        assertAlike(observed(ActivationObserver.MSE, Optional.of(format.grid())), expected);
        if (format == Format.UINT4) {
            Expected widest = expected((sample, range) -> range, Expected::averaged);
            assertThat(expected.max).isLessThan(widest.max);
        }
    }

    private static double bestFactor(Format format, float[] sample, Expected range) {
        double best = Double.POSITIVE_INFINITY;
        int bestShrink = 0;
        for (int shrink = 0; shrink < 20 && shrink - bestShrink <= 5; shrink++) {
            Expected narrower = range.times(1 - shrink / 100.0);
            double error = stream(sample).map(x -> Math.pow(
                    Math.abs(format.quantized(x, narrower.min, narrower.max) - x), 2.4)).sum();
            if (error < best) {
                best = error;
                bestShrink = shrink;
            }
        }
        return 1 - bestShrink / 100.0;
    }
}
