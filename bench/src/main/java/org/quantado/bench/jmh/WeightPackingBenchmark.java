package org.quantado.bench.jmh;

import java.lang.foreign.MemorySegment;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import org.quantado.bench.workloads.WeightFormat;
import org.quantado.kernels.matmul.Flavour;
import org.quantado.kernels.matmul.FlavourChoice;
import org.quantado.kernels.matmul.LinearPlan;
import org.quantado.kernels.matmul.LinearWeight;
import org.quantado.kernels.matmul.QuantizedMatrix;

import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** Bringing a loaded weight into the layout of flavours cpu and host, on all processors, beside copying its bytes on one. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class WeightPackingBenchmark {
    private static final int OUTPUTS = 2048;
    private static final int INPUTS = 4096;
    private static final long SEED = 1;

    /** Of the weight. */
    @Param({"MXFP4", "NVFP4", "INT4_G128", "MXFP8", "INT8_CHANNEL"})
    private WeightFormat format;

    private QuantizedMatrix matrix;
    private LinearWeight weight;
    private IntArray words;
    private FloatArray scales;

    /** Makes the weight. */
    @Setup
    public void fill() {
        matrix = format.random(OUTPUTS, INPUTS, SEED);
        weight = new LinearWeight(matrix, new FloatArray(OUTPUTS));
        words = new IntArray(matrix.words().getSize());
        scales = new FloatArray(matrix.scales().getSize());
    }

    /** Packed weights lie outside of the heap, which does not notice them. */
    @TearDown(Level.Iteration)
    public void free() {
        System.gc();
    }

    /** What a layer does before it is first run, on the JVM's side. */
    @Benchmark
    public LinearPlan pack() {
        return new LinearPlan(weight, new FlavourChoice(Flavour.CPU, "measured"), Optional.empty(), Optional.empty());
    }

    @Benchmark
    public IntArray copy() {
        MemorySegment.copy(matrix.words().getSegment(), 0, words.getSegment(), 0,
                words.getNumBytesOfSegment());
        MemorySegment.copy(matrix.scales().getSegment(), 0, scales.getSegment(), 0,
                scales.getNumBytesOfSegment());
        return words;
    }
}
