package org.quantado.schemes.checkpoint;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Objects;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * A tensor of a checkpoint: what it is, which file it is from, and its bytes where they lie in the mapped file.
 * <p>
 * Elements are little-endian and not necessarily aligned. A tensor can be read until its file is closed, by any
 * number of threads.
 */
public final class Tensor {
    private final Path file;
    private final String stored;
    private final String name;
    private final DType dtype;
    private final Shape shape;
    private final Supplier<RowBytes> bytes;

    Tensor(Path file, TensorInfo info, MemorySegment data) {
        this(file, info.name(), info.name(), info.dtype(), info.shape(), known(RowBytes.together(data)));
    }

    private Tensor(Path file, String stored, String name, DType dtype, Shape shape, Supplier<RowBytes> bytes) {
        this.file = file;
        this.stored = stored;
        this.name = name;
        this.dtype = dtype;
        this.shape = shape;
        this.bytes = bytes;
    }

    private Tensor with(Shape otherShape, RowBytes otherBytes) {
        return new Tensor(file, stored, name, dtype, otherShape, known(otherBytes));
    }

    private static Supplier<RowBytes> known(RowBytes bytes) {
        return () -> bytes;
    }

    /** The same, or a part of one, under a name that is not in the file. */
    public Tensor named(String otherName) {
        return new Tensor(file, stored, otherName, dtype, shape, bytes);
    }

    /**
     * One of the same type and shape with other values, held in memory.
     *
     * @param values all elements in row-major order, each rounded to the type, which is BF16, F16 or F32
     */
    public Tensor withValues(float[] values) {
        if (values.length != elements()) {
            throw new IllegalArgumentException(values.length + " values for tensor " + name + " of shape " + shape);
        }
        return with(shape, RowBytes.together(FloatElements.bytes(this, values)));
    }

    /** The file that holds it. */
    public Path file() {
        return file;
    }

    /** Its name in the file, or what it is seen as; rows keep the name of the whole. */
    public String name() {
        return name;
    }

    /** Type of its elements. */
    public DType dtype() {
        return dtype;
    }

    /** Its dimensions. */
    public Shape shape() {
        return shape;
    }

    /** Number of elements. */
    public long elements() {
        return shape.elements();
    }

    /** Its bytes, read-only, in row-major order; a copy where they do not lie together. */
    public MemorySegment data() {
        return bytes.get().all();
    }

    /** The bytes of neighbouring elements, read-only; a copy where they do not lie together, as those of a row do. */
    public MemorySegment data(long index, long elements) {
        return bytes.get().slice(dtype.byteSize(index), dtype.byteSize(elements));
    }

    /**
     * The rows {@code from} to {@code to}, exclusive, of the outermost dimension: {@code [to - from, ...]}, not
     * copied.
     *
     * @throws IndexOutOfBoundsException if there are no such rows
     * @throws ArithmeticException if a row does not fill whole bytes
     */
    public Tensor rows(long from, long to) {
        if (shape.rank() == 0 || from < 0 || from > to || to > shape.dimension(0)) {
            throw new IndexOutOfBoundsException(
                    "rows " + from + " to " + to + " of tensor " + name + " of shape " + shape);
        }
        return with(shape.withRows(to - from), bytes.get().rows(from, 1, to - from, rowBytes()));
    }

    /**
     * Rows {@code first}, {@code first + every}, ... of the outermost dimension, not copied.
     *
     * @throws IndexOutOfBoundsException if there is no such first row
     * @throws ArithmeticException if a row does not fill whole bytes
     */
    public Tensor everyRow(long first, long every) {
        Objects.checkIndex(first, shape.dimension(0));
        long taken = Math.ceilDiv(shape.dimension(0) - first, every);
        return with(shape.withRows(taken), bytes.get().rows(first, every, taken, rowBytes()));
    }

    private long rowBytes() {
        return dtype.byteSize(shape.withRows(1).elements());
    }

    /** The same with all dimensions but the outermost made one: {@code [rows, elements of a row]}. */
    public Tensor asMatrix() {
        return shaped(shape.dimension(0), shape.withRows(1).elements());
    }

    /** The same elements in another shape. */
    public Tensor shaped(long... dimensions) {
        Shape other = Shape.of(dimensions);
        if (other.elements() != shape.elements()) {
            throw new IllegalArgumentException(this + " has no shape " + other);
        }
        return new Tensor(file, stored, name, dtype, other, bytes);
    }

    /**
     * A tensor that is computed from this one, and perhaps from others, when its elements are asked for. It is held as
     * long as there is memory for it, and computed anew when it is asked for after that.
     *
     * @param computed its elements in row-major order, little-endian
     */
    public Tensor derived(DType otherDtype, Shape otherShape, Supplier<MemorySegment> computed) {
        return new Tensor(file, stored, name, otherDtype, otherShape,
                new ComputedBytes(computed, otherDtype.byteSize(otherShape.elements())));
    }

    /** A matrix {@code [rows, columns]} with its columns as rows, copied when its elements are asked for. */
    public Tensor transposed() {
        if (shape.rank() != 2) {
            throw error("shape " + shape, "a matrix");
        }
        long columns = shape.dimension(1);
        return derived(dtype, Shape.of(columns, shape.dimension(0)),
                () -> columnsAsRows(0, 1, columns, ComputedBytes.HEAP).data());
    }

    /**
     * Element {@code index} of the outermost dimension, which is dropped: {@code [...]}, not copied.
     *
     * @throws IndexOutOfBoundsException if there is no such element
     * @throws ArithmeticException if one does not fill whole bytes
     */
    public Tensor part(long index) {
        Tensor row = rows(index, index + 1);
        long[] dimensions = new long[shape.rank() - 1];
        for (int i = 0; i < dimensions.length; i++) {
            dimensions[i] = shape.dimension(i + 1);
        }
        return with(Shape.of(dimensions), row.bytes.get());
    }

    /**
     * Columns {@code first}, {@code first + step}, ... of a matrix {@code [rows, columns]} as the rows of another, or
     * those elements of a vector. A copy, made by all processors.
     *
     * @param taken how many
     * @param memory where the copy is to be held
     * @throws CheckpointException if it is neither, or its elements are not of whole bytes
     */
    public Tensor columnsAsRows(long first, long step, long taken, SegmentAllocator memory) {
        boolean isVector = shape.rank() == 1;
        if (dtype.bits() % Byte.SIZE != 0 || (!isVector && shape.rank() != 2)) {
            throw error(dtype + " " + shape, "a vector or matrix of whole bytes");
        }
        long rows = isVector ? 1 : shape.dimension(0);
        ColumnCopy columns = new ColumnCopy(rows, shape.dimension(isVector ? 0 : 1), first, step, taken);
        MemorySegment copy = columns.of(data(), dtype.byteSize(1), memory);
        return with(isVector ? Shape.of(taken) : Shape.of(taken, rows), RowBytes.together(copy));
    }

    /** This tensor, if its elements are of one of these types; else a {@link CheckpointException}. */
    public Tensor requireDType(DType... allowed) {
        if (!Arrays.asList(allowed).contains(dtype)) {
            throw error("dtype " + dtype,
                    Arrays.stream(allowed).map(DType::name)
                            .collect(Collectors.joining(" or ", "dtype ", "")));
        }
        return this;
    }

    /** This tensor, if it has this shape; else a {@link CheckpointException}. */
    public Tensor requireShape(long... dimensions) {
        Shape expected = Shape.of(dimensions);
        if (!shape.equals(expected)) {
            throw error("shape " + shape, "shape " + expected);
        }
        return this;
    }

    /** A {@link CheckpointException} about this tensor. */
    public CheckpointException error(String found, String expected) {
        return new CheckpointException(file, describe(), found, expected);
    }

    private String describe() {
        return "tensor " + CheckpointException.quote(name)
                + (stored.equals(name) ? "" : " in " + CheckpointException.quote(stored));
    }

    /**
     * An element as a float: exact for F32, BF16 and F16, rounded for F64.
     *
     * @param index in row-major order
     */
    public float floatAt(long index) {
        return FloatElements.at(this, index);
    }

    /** An element of one byte as it is, such as an FP8 code, an E8M0 scale or a signed integer. */
    public byte byteAt(long index) {
        requireBits(Byte.SIZE);
        return bytes.get().get(ValueLayout.JAVA_BYTE, index);
    }

    /** An element of four bytes as it is, such as a word of packed codes. */
    public int intAt(long index) {
        requireBits(Integer.SIZE);
        return bytes.get().get(LittleEndian.INT, index * Integer.BYTES);
    }

    /** An element of type I32 or I64. */
    public long integerAt(long index) {
        return dtype == DType.I32 ? intAt(index) : requireDType(DType.I64).longAt(index);
    }

    /** An element of eight bytes as it is. */
    public long longAt(long index) {
        requireBits(Long.SIZE);
        return bytes.get().get(LittleEndian.LONG, index * Long.BYTES);
    }

    /**
     * Reads neighbouring elements as floats, as {@link #floatAt} reads them.
     *
     * @param index of the first, in row-major order
     * @param values as many as there is room for
     */
    public void read(long index, float[] values) {
        FloatElements.read(this, index, values);
    }

    /** Reads neighbouring elements of one byte as they are; see {@link #read(long, float[])}. */
    public void read(long index, byte[] values) {
        requireBits(Byte.SIZE);
        MemorySegment.copy(data(index, values.length), ValueLayout.JAVA_BYTE, 0, values, 0, values.length);
    }

    /** Reads neighbouring elements of four bytes as they are; see {@link #read(long, float[])}. */
    public void read(long index, int[] values) {
        requireBits(Integer.SIZE);
        MemorySegment.copy(data(index, values.length), LittleEndian.INT, 0, values, 0, values.length);
    }

    /** All elements as floats, as {@link #floatAt} reads them. */
    public float[] toFloats() {
        float[] values = new float[arrayLength()];
        read(0, values);
        return values;
    }

    /** All elements of one byte as they are. */
    public byte[] toBytes() {
        byte[] values = new byte[arrayLength()];
        read(0, values);
        return values;
    }

    /** All elements of four bytes as they are. */
    public int[] toInts() {
        int[] values = new int[arrayLength()];
        read(0, values);
        return values;
    }

    /** All elements of eight bytes as they are. */
    public long[] toLongs() {
        requireBits(Long.SIZE);
        long[] values = new long[arrayLength()];
        MemorySegment.copy(data(), LittleEndian.LONG, 0, values, 0, values.length);
        return values;
    }

    private void requireBits(int bits) {
        if (dtype.bits() != bits) {
            throw error("dtype " + dtype, "a dtype of " + bits + " bits");
        }
    }

    private int arrayLength() {
        long elements = elements();
        if (elements > Integer.MAX_VALUE) {
            throw error(elements + " elements", "at most " + Integer.MAX_VALUE + " to be held in one array");
        }
        return (int) elements;
    }

    /** File, name, type and shape. */
    @Override
    public String toString() {
        return file + ": " + describe() + " " + dtype + " " + shape;
    }
}
