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
                selected.input().flatMap(args -> input(selected.scheme(), args, paramsDtype)),
                selected.output().flatMap(args -> output(selected.scheme())));
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
        return new CompressedTensorsScheme(SchemeName.W4A8_INT, new WeightFormat(codes, scales, false, false),
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

    private static Optional<ActivationFormat> input(SchemeName scheme, QuantizationArgs args,
            ModelDtype dtype) {
        return switch (scheme) {
            case W4A4_NVFP4 -> Optional.of(new ActivationFormat.Nvfp4());
            case W4A4_MXFP4 -> Optional.of(new ActivationFormat.Dynamic(MxQuantizer
                    .mxfp4(dtype == ModelDtype.F16 ? E8M0Rule.EVEN_E2M1_IN_F16 : E8M0Rule.EVEN_E2M1)));
            case W8A8_MXFP8 ->
                Optional.of(new ActivationFormat.Dynamic(MxQuantizer.mxfp8(E8M0Rule.CEIL_448)));
            case W4A8_FP8 -> Optional.of(new ActivationFormat.Dynamic(Fp8Quantizer.perToken()));
            case W8A8_FP8 -> Optional.of(fp8(args));
            case W8A8_INT8 -> Optional.of(int8(args));
            case WNA8_INT -> Optional.of(args.strategy() == QuantizationStrategy.TOKEN
                    ? int8PerToken(args, Int8Quantizer.SYMMETRIC)
                    : integers(args, dtype));
            case W4A8_INT -> Optional.of(int8PerToken(args, Int8Quantizer.ASYMMETRIC_WITH_ZERO));
            case WNA8O8_INT -> Optional.of(new ActivationFormat.StaticInt8(StaticScale.INPUT, true, dtype));
            case WNA4_INT -> Optional.of(integers(args, dtype));
            case W8A16_FP8, WNA16, EMBEDDING_WNA16_INT -> Optional.empty();
        };
    }

    private static Optional<ActivationFormat> output(SchemeName scheme) {
        return scheme == SchemeName.WNA8O8_INT
                ? Optional.of(new ActivationFormat.StaticInt8(StaticScale.OUTPUT, true, ModelDtype.F32))
                : Optional.empty();
    }

    private static ActivationFormat fp8(QuantizationArgs args) {
        if (args.dynamic() == DynamicType.STATIC) {
            return new ActivationFormat.StaticFp8();
        }
        return switch (args.strategy()) {
            case TOKEN -> new ActivationFormat.Dynamic(Fp8Quantizer.perToken());
            case GROUP -> new ActivationFormat.Dynamic(Fp8Quantizer.perGroup(args.groupSize().getAsInt()),
                    args.groupSize());
            default -> throw unsupported(SchemeName.W8A8_FP8, args);
        };
    }

    private static ActivationFormat int8(QuantizationArgs args) {
        if (args.dynamic() == DynamicType.STATIC) {
            return new ActivationFormat.StaticInt8(StaticScale.INPUT, args.symmetric(), ModelDtype.F32);
        }
        return int8PerToken(args, args.symmetric() ? Int8Quantizer.SYMMETRIC : Int8Quantizer.ASYMMETRIC);
    }

    private static ActivationFormat int8PerToken(QuantizationArgs args, Int8Quantizer quantizer) {
        if (args.strategy() != QuantizationStrategy.TOKEN) {
            throw unsupported(SchemeName.W8A8_INT8, args);
        }
        return new ActivationFormat.Dynamic(quantizer);
    }

    private static ActivationFormat integers(QuantizationArgs args, ModelDtype dtype) {
        OptionalInt groupSize = args.strategy() == QuantizationStrategy.GROUP ? args.groupSize() : OptionalInt.empty();
        return new ActivationFormat.Dynamic(new IntQuantizer(args.numBits(), groupSize, dtype), groupSize);
    }

    private static SchemeException unsupported(SchemeName scheme, QuantizationArgs args) {
        return new SchemeException("no kernel quantizes activations of " + scheme.peerClass() + " as " + args
                + "; with activations off the layer runs with its weights alone");
    }
}
