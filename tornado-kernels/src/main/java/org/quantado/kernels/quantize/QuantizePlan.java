package org.quantado.kernels.quantize;

import org.quantado.kernels.engine.Engine;
import org.quantado.kernels.graph.LayerGraph;
import org.quantado.kernels.graph.Rows;

import uk.ac.manchester.tornado.api.GridScheduler;
import uk.ac.manchester.tornado.api.TornadoExecutionPlan;
import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.common.TaskPackage;
import uk.ac.manchester.tornado.api.exceptions.TornadoExecutionPlanException;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Quantizes rows on the device and packs their codes into words: how weights are quantized while they are loaded.
 *
 * <p>A plan takes up to {@code capacity} rows at a time, so that memory is bounded by that and not by the weight. Not
 * thread-safe.
 */
public final class QuantizePlan implements AutoCloseable {
    private static final int WORD_BITS = 32;

    private final Rows rows;
    private final Quantized quantized;
    private final IntArray words;
    private final TornadoExecutionPlan plan;

    /**
     * @param codeBits width of a code in the words, a divisor of 32
     * @param capacity most rows of one call
     * @param inputs K
     */
    public QuantizePlan(Quantizer quantizer, int codeBits, int capacity, int inputs) {
        Engine.ensureInstalled();
        int codesPerWord = WORD_BITS / codeBits;
        int wordsPerRow = Math.ceilDiv(inputs, codesPerWord);
        rows = Rows.allocate(capacity, inputs);
        words = new IntArray(Math.multiplyExact(capacity, wordsPerRow));
        IntArray wordShape = IntArray.fromElements(wordsPerRow);
        GridScheduler grids = new GridScheduler();
        LayerGraph graph = new LayerGraph("quantize", grids).inputs(rows.values(), rows.shape())
                .constants(wordShape);
        quantized = quantizer.addTo(graph, "rows", rows, true);
        graph.task(TaskPackage.createPackage("pack", QuantizePlan::pack, quantized.codes(), rows.shape(),
                wordShape,
                words, inputs, codesPerWord), wordsPerRow, capacity);
        graph.outputs(words, quantized.scales(), quantized.scaleCodes(), quantized.codes());
        plan = new TornadoExecutionPlan(graph.snapshot());
        plan.withGridScheduler(grids);
        Engine.selectedDevice().ifPresent(plan::withDevice);
    }

    /** Where rows are put before {@link #execute}. */
    public Rows rows() {
        return rows;
    }

    /** What the last {@link #execute} made of the rows: codes and scales. Values stay on the device. */
    public Quantized quantized() {
        return quantized;
    }

    /** The codes in words, {@code [rows, ceil(K / (32 / codeBits))]}, the first code in the lowest bits. */
    public IntArray words() {
        return words;
    }

    /** Quantizes and packs the first {@code count} of {@link #rows}. */
    public void execute(int count) {
        rows.setCount(count);
        plan.execute();
    }

    @Override
    public void close() {
        try {
            plan.freeDeviceMemory();
            plan.close();
        } catch (TornadoExecutionPlanException e) {
            throw new IllegalStateException("the device's memory could not be freed: " + e.getMessage(), e);
        }
    }

    private static void pack(IntArray codes, IntArray shape, IntArray wordShape, IntArray words, int inputs,
            int codesPerWord) {
        for (@Parallel
        int w = 0; w < wordShape.get(0); w++) {
            for (@Parallel
            int m = 0; m < shape.get(0); m++) {
                int codeBits = 32 / codesPerWord;
                int last = Math.min(codesPerWord, inputs - w * codesPerWord);
                int word = 0;
                for (int j = 0; j < last; j++) {
                    int code = codes.get(m * inputs + w * codesPerWord + j) & ((1 << codeBits) - 1);
                    word = word | (code << (j * codeBits));
                }
                words.set(m * wordShape.get(0) + w, word);
            }
        }
    }
}
