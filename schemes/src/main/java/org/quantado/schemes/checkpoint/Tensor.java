package org.quantado.schemes.checkpoint;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Collectors;
import java.util.stream.LongStream;

/**
 * A tensor of a checkpoint: what it is, which file it is from, and its bytes where they lie in the mapped file.
 * <p>
 * Elements are little-endian and not necessarily aligned. A tensor can be read until its file is closed, by any
 * number of threads.
 */
public final class Tensor {
    private static final ValueLayout.OfShort LE_SHORT = ValueLayout.JAVA_SHORT_UNALIGNED
            .withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt LE_INT = ValueLayout.JAVA_INT_UNALIGNED
            .withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong LE_LONG = ValueLayout.JAVA_LONG_UNALIGNED
            .withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfFloat LE_FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED
            .withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfDouble LE_DOUBLE = ValueLayout.JAVA_DOUBLE_UNALIGNED
            .withOrder(ByteOrder.LITTLE_ENDIAN);

    /** Two cache lines of 16-bit elements: what is read of a row at once when columns become rows. */
    private static final long COLUMNS_AT_ONCE = 64;

    private final Path file;
    private final String name;
    private final DType dtype;
    private final Shape shape;
    private final MemorySegment data;

    Tensor(Path file, TensorInfo info, MemorySegment data) {
        this(file, info.name(), info.dtype(), info.shape(), data);
    }

    private Tensor(Path file, String name, DType dtype, Shape shape, MemorySegment data) {
        this.file = file;
        this.name = name;
        this.dtype = dtype;
        this.shape = shape;
        this.data = data;
    }

    /** The file that holds it. */
    public Path file() {
        return file;
    }

    /** Its name in the file; rows keep the name of the whole. */
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

    /** Its bytes, read-only, in row-major order. */
    public MemorySegment data() {
        return data;
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
        long rowBytes = dtype.byteSize(shape.withRows(1).elements());
        return new Tensor(file, name, dtype, shape.withRows(to - from),
                data.asSlice(from * rowBytes, (to - from) * rowBytes));
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
        return new Tensor(file, name, dtype, Shape.of(dimensions), row.data);
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
        long columns = shape.dimension(isVector ? 0 : 1);
        long bytes = dtype.byteSize(1);
        MemorySegment copy = memory.allocate(rows * taken * bytes, bytes);
        ElementCopy element = ElementCopy.of(bytes);
        LongStream.range(0, Math.ceilDiv(taken, COLUMNS_AT_ONCE)).parallel().forEach(band -> {
            long end = Math.min(taken, (band + 1) * COLUMNS_AT_ONCE);
            for (long row = 0; row < rows; row++) {
                for (long column = band * COLUMNS_AT_ONCE; column < end; column++) {
                    element.copy(data, (row * columns + first + column * step) * bytes, copy,
                            (column * rows + row) * bytes);
                }
            }
        });
        return new Tensor(file, name, dtype, isVector ? Shape.of(taken) : Shape.of(taken, rows), copy.asReadOnly());
    }

    /** Copies one element from one offset to another. */
    @FunctionalInterface
    private interface ElementCopy {
        void copy(MemorySegment from, long fromOffset, MemorySegment to, long toOffset);

        /** Of elements of so many bytes. */
        static ElementCopy of(long bytes) {
            return switch ((int) bytes) {
                case Byte.BYTES -> (from, fromOffset, to, toOffset) -> to.set(ValueLayout.JAVA_BYTE, toOffset,
                        from.get(ValueLayout.JAVA_BYTE, fromOffset));
                case Short.BYTES -> (from, fromOffset, to, toOffset) -> to.set(LE_SHORT, toOffset,
                        from.get(LE_SHORT, fromOffset));
                case Integer.BYTES -> (from, fromOffset, to, toOffset) -> to.set(LE_INT, toOffset,
                        from.get(LE_INT, fromOffset));
                default -> (from, fromOffset, to, toOffset) -> to.set(LE_LONG, toOffset,
                        from.get(LE_LONG, fromOffset));
            };
        }
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
        return "tensor " + CheckpointException.quote(name);
    }

    /**
     * An element as a float: exact for F32, BF16 and F16, rounded for F64.
     *
     * @param index in row-major order
     */
    public float floatAt(long index) {
        return switch (dtype) {
            case F32 -> data.getAtIndex(LE_FLOAT, index);
            case BF16 -> Float.intBitsToFloat(data.getAtIndex(LE_SHORT, index) << Short.SIZE);
            case F16 -> Float.float16ToFloat(data.getAtIndex(LE_SHORT, index));
            case F64 -> (float) data.getAtIndex(LE_DOUBLE, index);
            default -> throw error("dtype " + dtype, "dtype F32, BF16, F16 or F64");
        };
    }

    /** An element of one byte as it is, such as an FP8 code, an E8M0 scale or a signed integer. */
    public byte byteAt(long index) {
        requireBits(Byte.SIZE);
        return data.get(ValueLayout.JAVA_BYTE, index);
    }

    /** An element of four bytes as it is, such as a word of packed codes. */
    public int intAt(long index) {
        requireBits(Integer.SIZE);
        return data.getAtIndex(LE_INT, index);
    }

    /** An element of type I32 or I64. */
    public long integerAt(long index) {
        return dtype == DType.I32 ? intAt(index) : requireDType(DType.I64).longAt(index);
    }

    /** An element of eight bytes as it is. */
    public long longAt(long index) {
        requireBits(Long.SIZE);
        return data.getAtIndex(LE_LONG, index);
    }

    /**
     * Reads neighbouring elements as floats, as {@link #floatAt} reads them.
     *
     * @param index of the first, in row-major order
     * @param values as many as there is room for
     */
    public void read(long index, float[] values) {
        MemorySegment read = data.asSlice(dtype.byteSize(index), dtype.byteSize(values.length));
        switch (dtype) {
            case F32 -> MemorySegment.copy(read, LE_FLOAT, 0, values, 0, values.length);
            case BF16 -> {
                for (int i = 0; i < values.length; i++) {
                    values[i] = Float.intBitsToFloat(read.getAtIndex(LE_SHORT, i) << Short.SIZE);
                }
            }
            case F16 -> {
                for (int i = 0; i < values.length; i++) {
                    values[i] = Float.float16ToFloat(read.getAtIndex(LE_SHORT, i));
                }
            }
            default -> {
                for (int i = 0; i < values.length; i++) {
                    values[i] = floatAt(index + i);
                }
            }
        }
    }

    /** Reads neighbouring elements of one byte as they are; see {@link #read(long, float[])}. */
    public void read(long index, byte[] values) {
        requireBits(Byte.SIZE);
        MemorySegment.copy(data, ValueLayout.JAVA_BYTE, index, values, 0, values.length);
    }

    /** Reads neighbouring elements of four bytes as they are; see {@link #read(long, float[])}. */
    public void read(long index, int[] values) {
        requireBits(Integer.SIZE);
        MemorySegment.copy(data, LE_INT, index * Integer.BYTES, values, 0, values.length);
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
        MemorySegment.copy(data, LE_LONG, 0, values, 0, values.length);
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
