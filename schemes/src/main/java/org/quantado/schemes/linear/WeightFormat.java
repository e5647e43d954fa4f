package org.quantado.schemes.linear;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

import org.quantado.kernels.codec.TableOf16;
import org.quantado.kernels.engine.DeviceLimits;
import org.quantado.kernels.matmul.LinearWeight;
import org.quantado.kernels.matmul.QuantizedMatrix;
import org.quantado.schemes.checkpoint.DType;
import org.quantado.schemes.config.ActivationOrdering;
import org.quantado.schemes.config.CompressionFormat;
import org.quantado.schemes.config.QuantizationArgs;
import org.quantado.schemes.config.QuantizationType;
import org.quantado.schemes.linear.LinearSpec.Partition;

/**
 * How a checkpoint holds a quantized weight: codes, scales, and what else some formats have.
 *
 * <p>Names, types and shapes are those of compressed-tensors, with N = out, K = in, b bits, group size g.
 *
 * @param codes the layout of the codes
 * @param scales the layout of the scales
 * @param globalScale how the scale of the whole tensor is stored, where there is one
 * @param hasZeroPoints whether there is a {@code weight_zero_point} I32 {@code [ceil(N*b/32), G]}, packed along N
 * @param hasGroupIndex whether there is a {@code weight_g_idx} {@code [K]}: the group of each column
 */
public record WeightFormat(CodeLayout codes, ScaleLayout scales, GlobalScale globalScale,
        boolean hasZeroPoints, boolean hasGroupIndex) {
    private static final String SHAPE = "weight_shape";
    private static final String ZERO_POINT = "weight_zero_point";
    private static final String GROUP_INDEX = "weight_g_idx";

    /** The format that a config describes for weights compressed as {@code format}. */
    public static WeightFormat of(QuantizationArgs weights, CompressionFormat format) {
        boolean groupIndex = weights.actorder().equals(Optional.of(ActivationOrdering.GROUP));
        CodeLayout codes = codes(weights, format);
        ScaleLayout.Encoding encoding = switch (format) {
            case MXFP4_PACK_QUANTIZED, MXFP8_QUANTIZED -> ScaleLayout.Encoding.E8M0_BYTE;
            case NVFP4_PACK_QUANTIZED, NVFP4_WITH_FACTORS -> ScaleLayout.Encoding.E4M3_BYTE;
            default -> ScaleLayout.Encoding.FLOAT;
        };
        return new WeightFormat(codes, ScaleLayout.of(weights, encoding, groupIndex), GlobalScale.of(format),
                !weights.symmetric(), groupIndex);
    }

    private static CodeLayout codes(QuantizationArgs weights, CompressionFormat format) {
        boolean integer = weights.type() == QuantizationType.INT;
        return switch (format) {
            case PACK_QUANTIZED -> new CodeLayout.PackedWords(weights.numBits(), tableOf(weights.type()));
            case MXFP4_PACK_QUANTIZED, NVFP4_PACK_QUANTIZED, NVFP4_WITH_FACTORS ->
                new CodeLayout.Nibbles(CodeLayout.Nibbles.Values.FLOATS);
            case INT_QUANTIZED, NAIVE_QUANTIZED, FLOAT_QUANTIZED, MXFP8_QUANTIZED ->
                integer ? new CodeLayout.SignedBytes(weights.numBits()) : new CodeLayout.Float8();
            default -> throw new IllegalArgumentException(
                    "weights of format " + format.jsonName() + " cannot be read");
        };
    }

    private static Optional<TableOf16> tableOf(QuantizationType type) {
        return switch (type) {
            case NF4 -> Optional.of(TableOf16.NF4);
            case FP4 -> Optional.of(TableOf16.FP4);
            case INT, FLOAT -> Optional.empty();
        };
    }

    /**
     * The tensors that a module needs.
     *
     * @throws SchemeException with the peer's message if a shard does not hold whole groups
     */
    List<ParameterSpec> parameters(LinearSpec spec) {
        requireWholeGroups(spec);
        List<ParameterSpec> parameters = new ArrayList<>(codes.parameters());
        parameters.add(scales.parameter());
        if (codes instanceof CodeLayout.PackedWords) {
            parameters.add(ParameterSpec.required(SHAPE, ParameterSpec.INTEGERS, Axis.fixed(1), Axis.fixed(2)));
        }
        if (hasZeroPoints) {
            parameters.add(ParameterSpec.required(ZERO_POINT, List.of(DType.I32),
                    Axis.outputs(codes.bits(), Integer.SIZE), scales.columns()));
        } else {
            parameters.addAll(ZeroPoints.unused(ZERO_POINT, codes.bits(), scales.rows(), scales.columns()));
        }
        parameters.add(new ParameterSpec(GROUP_INDEX, ParameterSpec.INTEGERS, Axis.fixed(1), Axis.inputs(),
                hasGroupIndex));
        if (scales.encoding() == ScaleLayout.Encoding.E4M3_BYTE) {
            parameters.add(globalScale.ofWeight());
        }
        return parameters;
    }

    private void requireWholeGroups(LinearSpec spec) {
        int inputs = spec.inputSizePerPartition();
        int groupSize = scales.groupSize();
        if (scales.rowsPerScale() == 1 && groupSize != 0 && !scales.repeated() && inputs % groupSize != 0) {
            String advice = spec.parallel().size() == 1
                    ? " A group must not end inside a row."
                    : " This happens when tensor_parallel_size splits the layer input into shards that are not a whole"
                            + " number of quant groups. Consider reducing tensor_parallel_size.";
            throw new SchemeException("Weight input_size_per_partition=" + inputs + " for layer '" + spec.layerName()
                    + "' is not divisible by group_size=" + groupSize + "." + advice);
        }
    }

    /**
     * Checks everything about loaded parameters that does not need the codes themselves.
     *
     * @throws org.quantado.schemes.checkpoint.CheckpointException if {@code weight_shape} or {@code weight_g_idx}
     *     contradicts the layer, a scale is not finite, or there are zero points that would not be used
     */
    void check(LoadedParameters parameters) {
        LinearSpec spec = parameters.spec();
        for (int part = 0; part < spec.partitions().size(); part++) {
            checkSmallTensors(parameters, part);
            TensorSlice slice = parameters.get(ScaleLayout.NAME, part);
            RowRanges.forEach(slice.rows().length(), (from, to) -> {
                float[] read = new float[slice.columns().length()];
                for (int row = from; row < to; row++) {
                    scales.read(slice, row, read);
                }
            });
        }
        globalFactor(parameters);
        columnOrder(parameters);
    }

    private void checkSmallTensors(LoadedParameters parameters, int part) {
        checkShape(parameters, part);
        if (!hasZeroPoints) {
            ZeroPoints.requireZero(parameters, ZERO_POINT, part, codes.bits());
        }
        if (!hasGroupIndex) {
            parameters.find(GROUP_INDEX, part)
                    .ifPresent(slice -> ColumnOrder.requireNatural(slice, scales.groupSize()));
        }
    }

    private static void checkShape(LoadedParameters parameters, int part) {
        Partition partition = parameters.spec().partitions().get(part);
        parameters.find(SHAPE, part).ifPresent(slice -> {
            long outputs = slice.tensor().integerAt(0);
            long inputs = slice.tensor().integerAt(1);
            if (outputs != partition.outputSize() || inputs != parameters.spec().inputSize()) {
                throw slice.tensor().error("[" + outputs + ", " + inputs + "]",
                        "[" + partition.outputSize() + ", " + parameters.spec().inputSize() + "]");
            }
        });
    }

    /** Weight and bias of all partitions, as the kernels take them; the weight where it lies in the mapped files. */
    LinearWeight assemble(LoadedParameters parameters) {
        LinearSpec spec = parameters.spec();
        Optional<ColumnOrder> order = columnOrder(parameters);
        int inputs = order.map(ColumnOrder::size).orElse(spec.inputSizePerPartition());
        int groupSize = order.map(ColumnOrder::groupSize)
                .orElse(scales.groupSize() == 0 ? inputs : Math.min(scales.groupSize(), inputs));
        int outputs = spec.outputSizePerPartition();
        int codeBits = QuantizedMatrix.codeBitsFor(codes.bits(), inputs, groupSize);
        int groups = QuantizedMatrix.groups(inputs, groupSize);
        requireRoom(outputs, QuantizedMatrix.wordsPerRow(inputs, codeBits), spec);
        requireRoom(outputs, groups, spec);
        float factor = globalFactor(parameters);
        List<StackedRows.Partition> partitions = new ArrayList<>();
        for (int part = 0; part < spec.partitions().size(); part++) {
            checkSmallTensors(parameters, part);
            CodeRows codeRows = new CodeRows(codes, parameters.get(codes.name(), part), spec.inputSizePerPartition(),
                    codeBits, order);
            TensorSlice scaleSlice = parameters.get(ScaleLayout.NAME, part);
            Optional<ZeroPoints> zeroPoints = hasZeroPoints
                    ? Optional.of(new ZeroPoints(codes.bits(), parameters.get(ZERO_POINT, part)))
                    : Optional.empty();
            partitions.add(new StackedRows.Partition(spec.outputs(spec.partitions().get(part)).length(),
                    () -> new QuantizedRows(codeRows.reader(), new ScaleRows(scales, scaleSlice, groups, factor),
                            zeroPoints)));
        }
        StackedRows rows = new StackedRows(outputs, inputs, codeBits, codes.table(), groupSize, hasZeroPoints,
                partitions);
        return new LinearWeight(rows, Bias.of(parameters), spec.inputSizePerPartition(),
                order.map(ColumnOrder::toArray));
    }

    private static void requireRoom(int rows, int columns, LinearSpec spec) {
        long size = rows * (long) columns;
        if (size > DeviceLimits.maxElements()) {
            throw new SchemeException(
                    "layer '" + spec.layerName() + "' needs an array of " + size + " elements; one array"
                            + " holds at most " + DeviceLimits.maxElements() + ": use a larger tensor_parallel_size");
        }
    }

    private Optional<ColumnOrder> columnOrder(LoadedParameters parameters) {
        if (!hasGroupIndex) {
            return Optional.empty();
        }
        int groups = scales.columns().size(parameters.spec().outputSizePerPartition(),
                parameters.spec().inputSize());
        int size = scales.groupSize();
        ColumnOrder order = ColumnOrder.of(parameters.get(GROUP_INDEX, 0), groups, size);
        for (int part = 1; part < parameters.spec().partitions().size(); part++) {
            if (!order.equals(ColumnOrder.of(parameters.get(GROUP_INDEX, part), groups, size))) {
                throw parameters.get(GROUP_INDEX, part).tensor().error(
                        "other groups than in the first partition",
                        "one order of columns for all partitions of a fused layer");
            }
        }
        return Optional.of(order);
    }

    /** What E4M3 scales are multiplied by; 1 for other scales. */
    private float globalFactor(LoadedParameters parameters) {
        return scales.encoding() == ScaleLayout.Encoding.E4M3_BYTE ? globalScale.weightFactor(parameters) : 1.0f;
    }
}
