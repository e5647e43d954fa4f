package org.quantado.bench.gptq;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Consumer;
import org.quantado.bench.WrongResultException;
import org.quantado.bench.peaks.DevicePeaks;
import org.quantado.bench.timing.Stopwatch;
import org.quantado.bench.workloads.RandomFloats;
import org.quantado.bench.workloads.WeightShape;
import org.quantado.kernels.codec.ModelDtype;
import org.quantado.kernels.hessian.Hessian;
import org.quantado.kernels.hessian.HessianSum;
import org.quantado.kernels.matmul.FlavourChoice;
import org.quantado.schemes.config.Target;
import org.quantado.schemes.gptq.Gptq;
import org.quantado.schemes.gptq.GptqOptions;
import org.quantado.schemes.quantize.FloatWeight;
import org.quantado.schemes.quantize.Observer;
import org.quantado.schemes.quantize.Preset;
import org.quantado.schemes.quantize.WeightRounding;
import org.quantado.schemes.quantize.WeightScheme;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/**
 * GPTQ of layers to 4 bits in groups of 128, with 128 samples of 2048 tokens.
 *
 * @param shapes of the weights
 * @param seconds how long to repeat a part of the Hessian
 */
public record GptqBench(List<WeightShape> shapes, double seconds) {
    /** The layers that are measured where nothing else is asked for. */
    public static final List<WeightShape> SHAPES = List.of(new WeightShape(4096, 4096), new WeightShape(14336, 4096));

    /** Groups, of which inputs are a multiple. */
    public static final int GROUP = 128;

    private static final String PRESET = "W4A16";
    private static final int SAMPLES = 128;
    private static final int SAMPLE_TOKENS = 2048;

    /** Outputs that are rounded, of more. */
    private static final int MEASURED_OUTPUTS = 512;

    /** A layer that is rounded before, so that the JVM has compiled what is measured. */
    private static final WeightShape WARM_UP = new WeightShape(256, 1024);

    private static final int CHECKED = 64;
    private static final double TOLERANCE = 1e-4;
    private static final long SEED = 8;

    /**
     * Measures.
     *
     * @param progress told of each layer
     * @throws WrongResultException if a Hessian is wrong
     */
    public GptqResults run(Consumer<GptqMeasurements> progress) {
        Stopwatch stopwatch = new Stopwatch(seconds);
        double peak = DevicePeaks.measure(FlavourChoice.forDevice().flavour(), stopwatch).flopPerSecond();
        measure(WARM_UP, new Stopwatch(0), peak);
        List<GptqMeasurements> layers = new ArrayList<>();
        for (WeightShape shape : shapes) {
            GptqMeasurements layer = measure(shape, stopwatch, peak);
            progress.accept(layer);
            layers.add(layer);
        }
        GptqMeasurements largest = layers.stream().max(Comparator.comparingInt(GptqMeasurements::inputs)).orElseThrow();
        return new GptqResults(peak, layers, GptqEstimate.of(largest));
    }

    private static GptqMeasurements measure(WeightShape shape, Stopwatch stopwatch, double peak) {
        int inputs = shape.inputs();
        FloatArray x = RandomFloats.centered(Math.multiplyExact(HessianSum.CAPACITY, inputs), SEED);
        try (HessianSum sum = new HessianSum(inputs)) {
            Stopwatch.Paired times = stopwatch.measure(() -> sum.add(x, HessianSum.CAPACITY), sum);
            double blocks = (double) SAMPLES * SAMPLE_TOKENS / HessianSum.CAPACITY;
            long measuredTokens = sum.rows();
            Hessian hessian = sum.hessian(SAMPLES);
            check(hessian, x);
            double kernelSeconds = times.kernels().best() * 1e-9;
            double multiplyAdds = HessianSum.CAPACITY * inputs * (inputs + 1.0) / 2;
            int outputs = Math.min(shape.outputs(), MEASURED_OUTPUTS);
            FloatWeight weight = new FloatWeight("weight", RandomFloats.centered(outputs * inputs, SEED).toHeapArray(),
                    outputs, inputs, ModelDtype.F32);
            Gptq gptq = new Gptq(GptqOptions.DEFAULT, warning -> {
                throw new WrongResultException(warning);
            });
            double both = secondsOf(gptq, weight, hessian);
            double columns = secondsOf(gptq, weight, hessian);
            return new GptqMeasurements(shape.outputs(), inputs, (long) SAMPLES * SAMPLE_TOKENS, measuredTokens,
                    outputs,
                    times.wall().best() * 1e-9 * blocks, kernelSeconds * blocks,
                    2 * multiplyAdds / kernelSeconds / peak, Math.max(0, both - columns),
                    columns * shape.outputs() / outputs);
        }
    }

    /** The second time, the Hessian's factor is there already. */
    private static double secondsOf(Gptq gptq, FloatWeight weight, Hessian hessian) {
        WeightScheme scheme = WeightScheme.of(Preset.named(PRESET).group("group_0", List.of(Target.of("Linear"))));
        long start = System.nanoTime();
        gptq.quantize(weight, new WeightRounding(scheme, weight.dtype(), 0, Observer.MINMAX), hessian);
        return (System.nanoTime() - start) * 1e-9;
    }

    /** Some elements, which are sums over the same inputs, repeated. */
    private static void check(Hessian hessian, FloatArray x) {
        int inputs = hessian.columns();
        double times = (double) hessian.rows() / HessianSum.CAPACITY;
        for (int i = 0; i < CHECKED; i++) {
            int a = (int) ((long) i * 7919 % inputs);
            int b = (int) ((long) i * 104_729 % inputs);
            double sum = 0;
            double magnitude = 0;
            for (int row = 0; row < HessianSum.CAPACITY; row++) {
                double product = (double) x.get(row * inputs + a) * x.get(row * inputs + b);
                sum += product;
                magnitude += Math.abs(product);
            }
            double error = Math.abs(hessian.get(a, b) - 2 * sum * times / SAMPLES);
            if (!(error <= TOLERANCE * 2 * magnitude * times / SAMPLES)) {
                throw new WrongResultException("the Hessian's element " + a + ", " + b + " is wrong by " + error);
            }
        }
    }
}
