package org.quantado.schemes.quantize;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.quantado.kernels.codec.ModelDtype;
import org.quantado.kernels.reference.IntQuantization;
import org.quantado.schemes.checkpoint.DType;
import org.quantado.schemes.checkpoint.Shape;
import org.quantado.schemes.config.ActivationOrdering;
import org.quantado.schemes.config.CompressionFormat;
import org.quantado.schemes.config.ConfigGroup;
import org.quantado.schemes.config.QuantizationArgs;
import org.quantado.schemes.config.QuantizationStrategy;
import org.quantado.schemes.config.QuantizationType;
import org.quantado.schemes.config.TorchDType;

/**
 * How the weights of a config group are quantized and stored: compressed-tensors' compressors, as a description.
 *
 * @param weights what the config says of them
 * @param format how they are laid out
 */
public record WeightScheme(QuantizationArgs weights, CompressionFormat format) {
    static final String ZERO_POINT = "weight_zero_point";
    static final String SCALE = "weight_scale";
    static final String SHAPE = "weight_shape";
    static final String GLOBAL_SCALE = "weight_global_scale";
    static final String GROUP_INDEX = "weight_g_idx";

    private static final int FP4_BITS = 4;
    private static final int MX_GROUP = 32;

    /**
     * Type and shape of a tensor that is written.
     *
     * @param dtype of its elements
     * @param shape of it
     */
    public record Stored(DType dtype, Shape shape) {
        /** Size in bytes. */
        public long byteSize() {
            return dtype.byteSize(shape.elements());
        }
    }

    /**
     * The scheme of a group.
     *
     * @throws QuantizeException if weights cannot be quantized so
     */
    public static WeightScheme of(ConfigGroup group) {
        QuantizationArgs weights = group.weights().orElseThrow(
                () -> new QuantizeException(group.name() + " quantizes no weights, which is all that can be quantized"
                        + " in a checkpoint"));
        CompressionFormat format = group.format()
                .orElseGet(() -> CompressionFormat.of(weights, group.inputActivations()));
        WeightScheme scheme = new WeightScheme(weights, format);
        scheme.unsupported().ifPresent(reason -> {
            throw new QuantizeException(group.name() + " has weights of " + weights + " in format "
                    + format.jsonName() + ": " + reason);
        });
        return scheme;
    }

    private Optional<String> unsupported() {
        boolean integer = weights.type() == QuantizationType.INT;
        if (weights.dynamic().isDynamic()) {
            return Optional.of("weights are static");
        }
        if (weights.strategy() == QuantizationStrategy.TOKEN
                || weights.strategy() == QuantizationStrategy.ATTN_HEAD) {
            return Optional.of("strategy " + weights.strategy().jsonName() + " is for activations");
        }
        if (integer && (weights.numBits() < 2 || weights.numBits() > Byte.SIZE)) {
            return Optional.of("integers have 2 to 8 bits");
        }
        if (!integer && !weights.symmetric()) {
            return Optional.of("floats are symmetric");
        }
        if (hasGroupIndex() && format != CompressionFormat.PACK_QUANTIZED) {
            return Optional.of("groups of scattered columns are stored as pack-quantized");
        }
        return fits(integer) ? Optional.empty() : Optional.of("the format does not hold such weights");
    }

    private boolean fits(boolean integer) {
        boolean groups = weights.strategy() == QuantizationStrategy.GROUP;
        return switch (format) {
            case PACK_QUANTIZED -> integer;
            case INT_QUANTIZED -> integer;
            case FLOAT_QUANTIZED -> !integer && weights.numBits() == Byte.SIZE && weights.scaleDtype().isEmpty();
            case NAIVE_QUANTIZED ->
                integer || (weights.numBits() == Byte.SIZE && weights.scaleDtype().isEmpty());
            case MXFP4_PACK_QUANTIZED -> !integer && weights.numBits() == FP4_BITS && groups && isMx();
            case MXFP8_QUANTIZED -> !integer && weights.numBits() == Byte.SIZE && groups && isMx();
            case NVFP4_PACK_QUANTIZED -> !integer && weights.numBits() == FP4_BITS && hasGlobalScale();
            default -> false;
        };
    }

    private boolean isMx() {
        return weights.groupSize().orElse(0) == MX_GROUP
                && weights.scaleDtype().equals(Optional.of(TorchDType.UINT8));
    }

    /** The same for columns that follow each other. */
    public WeightScheme inOrder() {
        return new WeightScheme(weights.withActorder(Optional.empty()), format);
    }

    /** Whether the tensor has a scale of its own beside those of its blocks. */
    public boolean hasGlobalScale() {
        return weights.strategy() == QuantizationStrategy.TENSOR_GROUP;
    }

    /** Whether columns of a group are scattered, so that each says its group. */
    public boolean hasGroupIndex() {
        return weights.actorder().equals(Optional.of(ActivationOrdering.GROUP));
    }

    /** Whether blocks have zero points. */
    boolean hasZeroPoints() {
        return !weights.symmetric();
    }

    /** Whether zero points are packed as codes are, but down the columns. */
    boolean packsZeroPoints() {
        return format == CompressionFormat.PACK_QUANTIZED && weights.strategy() != QuantizationStrategy.TENSOR;
    }

    /** Which weights of {@code [rows, columns]} share a scale. */
    public Blocking blocking(int rows, int columns) {
        return Blocking.of(weights, rows, columns);
    }

    CodeStore codes() {
        return switch (format) {
            case PACK_QUANTIZED -> CodeStore.Words.of(weights.numBits());
            case MXFP4_PACK_QUANTIZED, NVFP4_PACK_QUANTIZED -> new CodeStore.Pairs();
            default -> new CodeStore.Bytes(weights.type() == QuantizationType.INT ? DType.I8 : DType.F8_E4M3);
        };
    }

    ScaleStore scales(ModelDtype dtype) {
        return switch (format) {
            case MXFP4_PACK_QUANTIZED, MXFP8_QUANTIZED -> ScaleStore.E8M0_BYTE;
            case NVFP4_PACK_QUANTIZED -> ScaleStore.E4M3_BYTE;
            default -> ScaleStore.of(dtype);
        };
    }

    /**
     * The values that a block can take.
     *
     * @param dtype of the weight
     * @param amax largest magnitude of the weight and of those it runs as one layer with; used for its global scale
     */
    public Grid grid(ModelDtype dtype, float amax) {
        return switch (format) {
            case MXFP4_PACK_QUANTIZED -> Grid.Mx.of(Grid.Mx.Element.E2M1_CODE, dtype);
            case MXFP8_QUANTIZED -> Grid.Mx.of(Grid.Mx.Element.E4M3_CODE, dtype);
            case NVFP4_PACK_QUANTIZED -> new Grid.Nvfp4(dtype, Grid.Nvfp4.globalScale(amax));
            default -> weights.type() == QuantizationType.INT
                    ? new Grid.Int(new IntQuantization(weights.numBits(), weights.symmetric(), dtype))
                    : new Grid.Fp8(dtype);
        };
    }

    /** The tensors that a weight {@code [rows, columns]} becomes, by the last part of their names. */
    public Map<String, Stored> tensors(ModelDtype dtype, int rows, int columns) {
        Map<String, Stored> tensors = new LinkedHashMap<>();
        Blocking blocking = blocking(rows, columns);
        CodeStore codes = codes();
        Shape scaleShape = scaleShape(blocking);
        tensors.put(codes.name(), new Stored(codes.dtype(), Shape.of(rows, codes.columns(columns))));
        tensors.put(SCALE, new Stored(scales(dtype).dtype(), scaleShape));
        if (format == CompressionFormat.PACK_QUANTIZED) {
            tensors.put(SHAPE, new Stored(DType.I64, Shape.of(2)));
        }
        if (hasZeroPoints()) {
            tensors.put(ZERO_POINT, packsZeroPoints()
                    ? new Stored(DType.I32,
                            scaleShape.withRows(CodeStore.Words.of(weights.numBits()).columns(rows)))
                    : new Stored(DType.I8, scaleShape));
        }
        if (hasGroupIndex()) {
            tensors.put(GROUP_INDEX, new Stored(DType.I32, Shape.of(columns)));
        }
        if (hasGlobalScale()) {
            tensors.put(GLOBAL_SCALE, new Stored(DType.F32, Shape.of(1)));
        }
        return tensors;
    }

    private Shape scaleShape(Blocking blocking) {
        return weights.strategy() == QuantizationStrategy.TENSOR
                ? Shape.of(1)
                : Shape.of(blocking.bands(), blocking.bandTiles());
    }

    /** What a weight needs that has this many columns and cannot be quantized so. */
    public Optional<String> expectedColumns(int columns) {
        int multiple = switch (weights.strategy()) {
            case GROUP, TENSOR_GROUP -> weights.groupSize().getAsInt();
            default -> 1;
        };
        return columns % multiple == 0
                ? Optional.empty()
                : Optional.of("a multiple of " + multiple
                        + " columns, or the layer on the ignore list");
    }
}
