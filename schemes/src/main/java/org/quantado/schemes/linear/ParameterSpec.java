package org.quantado.schemes.linear;

import java.util.Arrays;
import java.util.List;

import org.quantado.schemes.checkpoint.DType;
import org.quantado.schemes.checkpoint.Shape;
import org.quantado.schemes.checkpoint.Tensor;

/**
 * A tensor that a module needs: its name as on disk, its types, its shape, and how a shard of it is cut.
 *
 * @param name after the module's name, such as {@code weight_packed}
 * @param dtypes types that it may have
 * @param rows first dimension
 * @param columns second dimension; a fixed 1 may be missing on disk
 * @param required whether a checkpoint must have it
 */
public record ParameterSpec(String name, List<DType> dtypes, Axis rows, Axis columns, boolean required) {
    /** Types of dimensions and of numbers of groups. */
    static final List<DType> INTEGERS = List.of(DType.I64, DType.I32);
    /** Types of scales that are plain floats. */
    static final List<DType> FLOATS = List.of(DType.F32, DType.BF16, DType.F16);

    static ParameterSpec required(String name, List<DType> dtypes, Axis rows, Axis columns) {
        return new ParameterSpec(name, dtypes, rows, columns, true);
    }

    static ParameterSpec optional(String name, List<DType> dtypes, Axis rows, Axis columns) {
        return new ParameterSpec(name, dtypes, rows, columns, false);
    }

    /** The shape {@code [rows, columns]} for a module of this size. */
    public Shape shape(int outputSize, int inputSize) {
        return Shape.of(rows.size(outputSize, inputSize), columns.size(outputSize, inputSize));
    }

    /** Whether a tensor's type and shape are this parameter's, with or without dimensions of 1. */
    boolean accepts(Tensor found, int outputSize, int inputSize) {
        return dtypes.contains(found.dtype())
                && withoutOnes(found.shape()).equals(withoutOnes(shape(outputSize, inputSize)));
    }

    private static Shape withoutOnes(Shape shape) {
        long[] dimensions = new long[shape.rank()];
        int kept = 0;
        for (int i = 0; i < shape.rank(); i++) {
            if (shape.dimension(i) != 1) {
                dimensions[kept] = shape.dimension(i);
                kept++;
            }
        }
        return Shape.of(Arrays.copyOf(dimensions, kept));
    }
}
