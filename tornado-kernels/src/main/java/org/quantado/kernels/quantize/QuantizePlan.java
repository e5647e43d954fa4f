package org.quantado.kernels.quantize;

import org.quantado.kernels.graph.GraphPlan;
import org.quantado.kernels.graph.GraphTimes;
import org.quantado.kernels.graph.LayerGraph;
import org.quantado.kernels.graph.Profiled;
import org.quantado.kernels.graph.Rows;

import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.common.TaskPackage;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Quantizes rows on the device and packs their codes into words: how weights are quantized while they are loaded.
 *
 * <p>A plan takes up to {@code capacity} rows at a time, so that memory is bounded by that and not by the weight. Not
 * thread-safe.
 */
public final class QuantizePlan implements Profiled, AutoCloseable {
    private static final int WORD_BITS = 32;

    private final int codeBits;
    private final Rows rows;
    private final IntArray words;
    private final GraphPlan plan;
    private Quantized quantized;

    /**
     * @param codeBits width of a code in the words, a divisor of 32
     * @param capacity most rows of one call
     * @param inputs K
     */
    public QuantizePlan(Quantizer quantizer, int codeBits, int capacity, int inputs) {
        this.codeBits = codeBits;
        rows = Rows.allocate(capacity, inputs);
        words = new IntArray(Math.multiplyExact(capacity, wordsPerRow()));
        plan = GraphPlan.of("quantize", graph -> quantized = addTo(graph, quantizer));
    }

    private Quantized addTo(LayerGraph graph, Quantizer quantizer) {
        IntArray wordShape = IntArray.fromElements(wordsPerRow());
        graph.inputs(rows.values(), rows.shape()).constants(wordShape);
        Quantized result = quantizer.addTo(graph, "rows", rows, true);
        graph.task(TaskPackage.createPackage("pack", QuantizePlan::pack, result.codes(), rows.shape(), wordShape,
                words, rows.width(), codesPerWord()), wordsPerRow(), rows.capacity());
        graph.outputs(words, result.scales(), result.scaleCodes());
        return result;
    }

    private int codesPerWord() {
        return WORD_BITS / codeBits;
    }

    private int wordsPerRow() {
        return Math.ceilDiv(rows.width(), codesPerWord());
    }

    /** Where rows are put before {@link #execute}. */
    public Rows rows() {
        return rows;
    }

    /** What the last {@link #execute} made of the rows; only the scales come back from the device. */
    public Quantized quantized() {
        return quantized;
    }

    /** The codes of the last {@link #execute}, {@code [rows, K]}, taken out of {@link #words}. */
    public int[] codes() {
        int[] codes = new int[rows.shape().get(0) * rows.width()];
        for (int i = 0; i < codes.length; i++) {
            int column = i % rows.width();
            int word = words.get(i / rows.width() * wordsPerRow() + column / codesPerWord());
            codes[i] = (word >> (column % codesPerWord() * codeBits)) & ((1 << codeBits) - 1);
        }
        return codes;
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
    public void profile(boolean on) {
        plan.profile(on);
    }

    @Override
    public GraphTimes takeTimes() {
        return plan.takeTimes();
    }

    @Override
    public void close() {
        plan.close();
    }

    private static void pack(IntArray codes, IntArray shape, IntArray wordShape, IntArray words, int inputs,
            int codesPerWord) {
        for (@Parallel int w = 0; w < wordShape.get(0); w++) {
            for (@Parallel int m = 0; m < shape.get(0); m++) {
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
