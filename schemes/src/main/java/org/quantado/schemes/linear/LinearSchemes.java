package org.quantado.schemes.linear;

import java.util.Optional;
import java.util.OptionalInt;

import org.quantado.kernels.codec.E8M0Rule;
import org.quantado.kernels.codec.ModelDtype;
import org.quantado.kernels.quantize.Fp8Quantizer;
import org.quantado.kernels.quantize.Int8Quantizer;
import org.quantado.kernels.quantize.IntQuantizer;
import org.quantado.kernels.quantize.MxQuantizer;
import org.quantado.schemes.config.CompressionFormat;
import org.quantado.schemes.config.DynamicType;
import org.quantado.schemes.config.QuantizationArgs;
import org.quantado.schemes.config.QuantizationStrategy;
import org.quantado.schemes.config.QuantizationType;
import org.quantado.schemes.config.TorchDType;
import org.quantado.schemes.select.SchemeName;
import org.quantado.schemes.select.Selection.Selected;

/** The schemes of compressed-tensors, each from what was selected for a layer. */
public final class LinearSchemes {
    private LinearSchemes() {
    }

    /**
     * The scheme that runs a layer as selected.
     *
     * @param paramsDtype the model's type, in which some activations are quantized
     * @throws SchemeException if there is no kernel for it
     */
    public static LinearScheme of(Selected selected, ModelDtype paramsDtype) {
        CompressionFormat format = selected.format().orElseGet(() -> usualFormat(selected.scheme()));
        return new CompressedTensorsScheme(selected.scheme(), WeightFormat.of(selected.weights(), format),
                selected.input().map(args -> input(selected.scheme(), args, format, paramsDtype)),
                selected.output().map(args -> output(selected.scheme(), args)));
    }

    /**
     * 4-bit integer weights, one scale per channel or group, and 8-bit inputs per token, as one of vLLM's operators
     * takes them.
     *
     * @param groupSize inputs that share a scale, -1 for all
     * @param packed whether weights are {@code weight_packed} U8 {@code [N, K/2]}, the value plus 8, the even column in
     *     the low nibble; else {@code weight} I8 {@code [N, K]}
     */
    public static LinearScheme w4a8Int(int groupSize, boolean packed) {
        CodeLayout codes = packed
                ? new CodeLayout.Nibbles(CodeLayout.Nibbles.Values.INTEGERS)
                : new CodeLayout.SignedBytes(CodeLayout.Nibbles.BITS);
        ScaleLayout scales = new ScaleLayout(1, Math.max(0, groupSize), ScaleLayout.Encoding.FLOAT, false);
        return new CompressedTensorsScheme(SchemeName.W4A8_INT,
                new WeightFormat(codes, scales, GlobalScale.DIVISOR, false, false),
                Optional.of(new ActivationFormat.Dynamic(Int8Quantizer.ASYMMETRIC_WITH_ZERO)), Optional.empty());
    }

    private static CompressionFormat usualFormat(SchemeName scheme) {
        return switch (scheme) {
            case W4A4_NVFP4 -> CompressionFormat.NVFP4_PACK_QUANTIZED;
            case W4A4_MXFP4 -> CompressionFormat.MXFP4_PACK_QUANTIZED;
            case W8A8_MXFP8 -> CompressionFormat.MXFP8_QUANTIZED;
            case W8A8_FP8, W8A16_FP8 -> CompressionFormat.FLOAT_QUANTIZED;
            case W8A8_INT8, W4A8_INT -> CompressionFormat.INT_QUANTIZED;
            case W4A8_FP8, WNA8O8_INT, WNA8_INT, WNA4_INT, WNA16, EMBEDDING_WNA16_INT ->
                CompressionFormat.PACK_QUANTIZED;
        };
    }

    private static ActivationFormat input(SchemeName scheme, QuantizationArgs args, CompressionFormat format,
            ModelDtype dtype) {
        return switch (scheme) {
            case W4A4_NVFP4 -> new ActivationFormat.Nvfp4(GlobalScale.of(format));
            case W4A4_MXFP4 -> isMx(args, CodeLayout.Nibbles.BITS)
                    ? new ActivationFormat.Dynamic(MxQuantizer
                            .mxfp4(dtype == ModelDtype.F16 ? E8M0Rule.EVEN_E2M1_IN_F16 : E8M0Rule.EVEN_E2M1))
                    : unsupported("inputs", scheme, args);
            case W8A8_MXFP8 -> isMx(args, Byte.SIZE)
                    ? new ActivationFormat.Dynamic(MxQuantizer.mxfp8(E8M0Rule.CEIL_448))
                    : unsupported("inputs", scheme, args);
            case W4A8_FP8 -> new ActivationFormat.Dynamic(Fp8Quantizer.perToken());
            case W8A8_FP8 -> isFloat(args, Byte.SIZE) ? fp8(args) : unsupported("inputs", scheme, args);
            case W8A8_INT8 -> args.dynamic() == DynamicType.STATIC && args.type() == QuantizationType.INT
                    ? new ActivationFormat.StaticInt8(StaticScale.INPUT, args.symmetric(), ModelDtype.F32)
                    : int8PerToken(scheme, args,
                            args.symmetric() ? Int8Quantizer.SYMMETRIC : Int8Quantizer.ASYMMETRIC);
            case WNA8_INT -> args.strategy() == QuantizationStrategy.TOKEN
                    ? int8PerToken(scheme, args, Int8Quantizer.SYMMETRIC)
                    : integers(args, dtype);
            case W4A8_INT -> int8PerToken(scheme, args, Int8Quantizer.ASYMMETRIC_WITH_ZERO);
            case WNA8O8_INT -> new ActivationFormat.StaticInt8(StaticScale.INPUT, true, dtype);
            case WNA4_INT -> integers(args, dtype);
            case W8A16_FP8, WNA16, EMBEDDING_WNA16_INT -> unsupported("inputs", scheme, args);
        };
    }

    private static ActivationFormat output(SchemeName scheme, QuantizationArgs args) {
        return scheme == SchemeName.WNA8O8_INT
                ? new ActivationFormat.StaticInt8(StaticScale.OUTPUT, true, ModelDtype.F32)
                : unsupported("outputs", scheme, args);
    }

    private static boolean isFloat(QuantizationArgs args, int bits) {
        return args.type() == QuantizationType.FLOAT && args.numBits() == bits;
    }

    private static boolean isMx(QuantizationArgs args, int bits) {
        return isFloat(args, bits) && args.strategy() == QuantizationStrategy.GROUP && args.dynamic().isDynamic()
                && args.groupSize().orElse(0) == MxQuantizer.GROUP_SIZE;
    }

    private static ActivationFormat fp8(QuantizationArgs args) {
        if (args.dynamic() == DynamicType.STATIC) {
            return new ActivationFormat.StaticFp8();
        }
        return switch (args.strategy()) {
            case TOKEN -> new ActivationFormat.Dynamic(Fp8Quantizer.perToken());
            case GROUP -> new ActivationFormat.Dynamic(args.scaleDtype().equals(Optional.of(TorchDType.FLOAT8_E8M0FNU))
                    ? MxQuantizer.fp8(args.groupSize().getAsInt())
                    : Fp8Quantizer.perGroup(args.groupSize().getAsInt()));
            default -> unsupported("inputs", SchemeName.W8A8_FP8, args);
        };
    }

    private static ActivationFormat int8PerToken(SchemeName scheme, QuantizationArgs args, Int8Quantizer quantizer) {
        return args.strategy() == QuantizationStrategy.TOKEN && args.type() == QuantizationType.INT
                ? new ActivationFormat.Dynamic(quantizer)
                : unsupported("inputs", scheme, args);
    }

    private static ActivationFormat integers(QuantizationArgs args, ModelDtype dtype) {
        OptionalInt groupSize = args.strategy() == QuantizationStrategy.GROUP ? args.groupSize() : OptionalInt.empty();
        return new ActivationFormat.Dynamic(new IntQuantizer(args.numBits(), groupSize, dtype), groupSize);
    }

    private static ActivationFormat unsupported(String what, SchemeName scheme, QuantizationArgs args) {
        return new ActivationFormat.Unsupported("no kernel quantizes " + what + " of " + scheme.peerClass() + " as "
                + args + "; with activations off the layer runs with its weights alone");
    }
}
