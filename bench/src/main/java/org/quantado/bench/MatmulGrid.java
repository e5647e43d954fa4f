package org.quantado.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

import org.quantado.kernels.matmul.FlavourChoice;

/**
 * Which products to measure: each format with each shape and batch.
 *
 * @param formats of weights
 * @param shapes of weights
 * @param batches numbers of rows
 * @param seconds how long to repeat each
 */
public record MatmulGrid(List<WeightFormat> formats, List<WeightShape> shapes, List<Integer> batches,
        double seconds) {
    /** The shapes of a transformer of hidden size 4096 and intermediate size 14336. */
    public static final List<WeightShape> SHAPES = List.of(new WeightShape(4096, 4096), new WeightShape(14336, 4096),
            new WeightShape(4096, 14336));

    /** From one token to a prompt. */
    public static final List<Integer> BATCHES = List.of(1, 4, 16, 64, 512);

    /**
     * Measures.
     *
     * @param progress is told each result as it comes
     * @throws IllegalStateException if a result is wrong
     */
    public MatmulReport run(Consumer<MatmulResult> progress) {
        FlavourChoice flavour = FlavourChoice.forDevice();
        Stopwatch stopwatch = new Stopwatch(seconds);
        DevicePeaks peaks = DevicePeaks.measure(flavour.flavour(), stopwatch);
        List<MatmulResult> results = new ArrayList<>();
        for (WeightFormat format : formats) {
            for (WeightShape shape : shapes) {
                MatmulBench bench = new MatmulBench(format, shape.outputs(), shape.inputs(), peaks, stopwatch);
                List<MatmulResult> measured = bench.run(flavour, batches);
                measured.forEach(progress);
                results.addAll(measured);
            }
        }
        return new MatmulReport(flavour.flavour(), flavour.reason(), peaks, results);
    }
}
