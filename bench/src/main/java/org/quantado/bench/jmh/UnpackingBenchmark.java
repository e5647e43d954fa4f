package org.quantado.bench.jmh;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.TimeUnit;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.quantado.kernels.codec.Int32Packing;

/** Codes out of 32-bit words, beside copying the words: nanoseconds per code. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class UnpackingBenchmark {
    private static final int ROWS = 64;
    private static final int COLUMNS = 4096;
    private static final int CODES = ROWS * COLUMNS;

    /** Of a code. */
    @Param({"3", "4", "8"})
    private int bits;

    private Int32Packing packing;
    private int[] alongRows;
    private int[] alongColumns;
    private int[] copied;

    /** Packs random codes; checks that unpacking gives them again. */
    @Setup
    public void fill() {
        byte[] codes = new byte[CODES];
        new Random(1).nextBytes(codes);
        for (int i = 0; i < CODES; i++) {
            codes[i] = (byte) (codes[i] >> (Byte.SIZE - bits));
        }
        packing = new Int32Packing(bits, Int32Packing.Layout.DENSE);
        alongColumns = packing.packColumns(codes, ROWS, COLUMNS);
        alongRows = packing.packRows(codes, ROWS, COLUMNS);
        copied = new int[alongColumns.length];
        if (!Arrays.equals(unpackColumns(), codes) || !Arrays.equals(unpackRows(), codes)) {
            throw new IllegalStateException("unpacked codes are not those that were packed");
        }
    }

    /** As weights are packed. */
    @Benchmark
    @OperationsPerInvocation(CODES)
    public byte[] unpackColumns() {
        return packing.unpackColumns(alongColumns, ROWS, COLUMNS);
    }

    /** As zero points are packed. */
    @Benchmark
    @OperationsPerInvocation(CODES)
    public byte[] unpackRows() {
        return packing.unpackRows(alongRows, ROWS, COLUMNS);
    }

    @Benchmark
    @OperationsPerInvocation(CODES)
    public int[] copyWords() {
        MemorySegment.copy(MemorySegment.ofArray(alongColumns), 0, MemorySegment.ofArray(copied), 0,
                copied.length * (long) Integer.BYTES);
        return copied;
    }
}
