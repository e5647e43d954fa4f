package org.quantado.bench.jmh;

import java.util.Random;
import java.util.concurrent.TimeUnit;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.quantado.kernels.codec.E2M1;
import org.quantado.kernels.codec.E4M3;
import org.quantado.kernels.reference.MxQuantization;
import org.quantado.kernels.codec.E8M0Rule;

/** Encoding and decoding on the JVM, beside the JDK's conversion to and from binary16: nanoseconds per value. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class CodecBenchmark {
    private static final int VALUES = 4096;

    private final float[] values = new float[VALUES];
    private final byte[] codes = new byte[VALUES];
    private final short[] halves = new short[VALUES];

    /** Gaussian values, and their codes; checks that encoding what was decoded gives the code again. */
    @Setup
    public void fill() {
        Random random = new Random(1);
        for (int i = 0; i < VALUES; i++) {
            values[i] = (float) random.nextGaussian();
            codes[i] = (byte) E4M3.encode(values[i], E4M3.Overflow.SATURATE);
            int again = E4M3.encode(E4M3.decode(Byte.toUnsignedInt(codes[i])), E4M3.Overflow.SATURATE);
            if (again != Byte.toUnsignedInt(codes[i])) {
                throw new IllegalStateException("code " + codes[i] + " became " + again);
            }
        }
    }

    @Benchmark
    @OperationsPerInvocation(VALUES)
    public byte[] encodeE4m3() {
        for (int i = 0; i < VALUES; i++) {
            codes[i] = (byte) E4M3.encode(values[i], E4M3.Overflow.SATURATE);
        }
        return codes;
    }

    @Benchmark
    @OperationsPerInvocation(VALUES)
    public byte[] encodeE2m1() {
        for (int i = 0; i < VALUES; i++) {
            codes[i] = (byte) E2M1.encode(values[i]);
        }
        return codes;
    }

    /** What the JDK does for a format of 16 bits. */
    @Benchmark
    @OperationsPerInvocation(VALUES)
    public short[] encodeBinary16() {
        for (int i = 0; i < VALUES; i++) {
            halves[i] = Float.floatToFloat16(values[i]);
        }
        return halves;
    }

    /** Scales and codes of whole MXFP8 blocks. */
    @Benchmark
    @OperationsPerInvocation(VALUES)
    public MxQuantization.MxBlocks quantizeMxfp8() {
        return new MxQuantization(MxQuantization.Element.E4M3_CODE, E8M0Rule.CEIL_448).quantize(values);
    }
}
