package org.quantado.bench.jmh;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import org.quantado.schemes.checkpoint.DType;
import org.quantado.schemes.checkpoint.SafetensorsFile;
import org.quantado.schemes.checkpoint.SafetensorsLayout;
import org.quantado.schemes.checkpoint.SafetensorsWriter;
import org.quantado.schemes.checkpoint.Shape;
import org.quantado.schemes.checkpoint.Tensor;

/** Opening a safetensors file and reading tensors, beside mapping the file and copying the same bytes. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class CheckpointBenchmark {
    /** About as many as a shard of a large model has. */
    private static final int TENSORS = 1000;
    private static final int ROWS = 64;
    private static final int COLUMNS = 4096;
    private static final String READ = "model.layers.7.weight";

    private final short[] bytes = new short[ROWS * COLUMNS / 2];
    private Path path;
    private long headerBytes;
    private byte[] header;
    private SafetensorsFile file;

    /** Writes a file of tensors of zeros, of which one is large. */
    @Setup
    public void write() throws IOException {
        path = Files.createTempFile("quantado", ".safetensors");
        SafetensorsLayout layout = new SafetensorsLayout();
        for (int i = 0; i < TENSORS; i++) {
            layout.tensor(name(i), DType.BF16, shape(i));
        }
        try (SafetensorsWriter writer = SafetensorsWriter.createOrReplace(path, layout)) {
            for (int i = 0; i < TENSORS; i++) {
                writer.write(name(i), MemorySegment.ofArray(new byte[(int) DType.BF16.byteSize(shape(i).elements())]));
            }
            writer.commit();
        }
        file = SafetensorsFile.open(path);
        headerBytes = Files.size(path) - file.tensors().stream().mapToLong(info -> info.byteSize()).sum();
        header = new byte[(int) headerBytes];
        if (file.tensors().size() != TENSORS || slice().toFloats().length != bytes.length) {
            throw new IllegalStateException("the file is not the one that was written");
        }
    }

    /** Deletes the file. */
    @TearDown
    public void delete() throws IOException {
        file.close();
        Files.delete(path);
    }

    private static String name(int i) {
        return "model.layers." + i + ".weight";
    }

    private static Shape shape(int i) {
        return name(i).equals(READ) ? Shape.of(ROWS, COLUMNS) : Shape.of(1, 1);
    }

    private Tensor slice() {
        return file.tensor(READ).rows(0, ROWS / 2);
    }

    /** Maps and checks a header of 1000 tensors. */
    @Benchmark
    public int open() {
        try (SafetensorsFile opened = SafetensorsFile.open(path)) {
            return opened.tensors().size();
        }
    }

    @Benchmark
    public byte[] mapAndCopyHeader() throws IOException {
        try (FileChannel channel = FileChannel.open(path); Arena arena = Arena.ofShared()) {
            MemorySegment whole = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena);
            MemorySegment.copy(whole, 0, MemorySegment.ofArray(header), 0, headerBytes);
            return header;
        }
    }

    /** 131,072 values in bf16, found by name. */
    @Benchmark
    public float[] sliceToFloats() {
        return slice().toFloats();
    }

    @Benchmark
    public short[] copySlice() {
        MemorySegment.copy(slice().data(), 0, MemorySegment.ofArray(bytes), 0, bytes.length * (long) Short.BYTES);
        return bytes;
    }
}
