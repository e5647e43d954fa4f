package org.quantado.schemes.dialect;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

import org.quantado.schemes.checkpoint.Checkpoint;
import org.quantado.schemes.checkpoint.DType;
import org.quantado.schemes.checkpoint.Tensor;
import org.quantado.schemes.config.BlockStructure;
import org.quantado.schemes.config.CompressionFormat;
import org.quantado.schemes.config.ConfigGroup;
import org.quantado.schemes.config.DynamicType;
import org.quantado.schemes.config.JsonField;
import org.quantado.schemes.config.ModelConfig;
import org.quantado.schemes.config.QuantizationArgs;
import org.quantado.schemes.config.QuantizationConfig;
import org.quantado.schemes.config.QuantizationType;
import org.quantado.schemes.config.Target;
import org.quantado.schemes.config.TorchDType;

/**
 * FP8 as DeepSeek, Qwen and transformers write it: E4M3 with a scale for each tile, or one for a whole tensor.
 *
 * <p>{@code weight_scale_inv}, which is the factor in spite of its name, becomes {@code weight_scale}; scales that are powers
 * of two in a byte become floats. Activations have a scale for each row of a tile, rounded up to a power of two where
 * {@code scale_fmt} is {@code ue8m0}; without tiles a calibrated one, or one for each token.
 *
 * <p>Source: DeepSeek-V3, {@code inference/kernel.py}; vLLM, {@code Fp8Config}; transformers, {@code FineGrainedFP8Config}.
 */
final class Fp8 implements Dialect {
    private static final String ACTIVATION_SCHEME = "activation_scheme";
    private static final String BLOCK_SIZE = "weight_block_size";
    private static final String FORMAT = "fmt";
    private static final String SCALE_FORMAT = "scale_fmt";
    private static final String CACHE = "kv_cache_scheme";
    private static final String IGNORED = "ignored_layers";
    private static final String DEQUANTIZE = "dequantize";
    private static final Set<String> FIELDS = Set.of(ModelConfig.QUANT_METHOD, ACTIVATION_SCHEME, BLOCK_SIZE, FORMAT,
            SCALE_FORMAT, CACHE, IGNORED, DEQUANTIZE, SkippedModules.FIELD);
    /** Names of the one element type. */
    private static final Set<String> E4M3 = Set.of("e4m3", "float8_e4m3fn");
    private static final String STATIC = "static";
    private static final String DYNAMIC = "dynamic";
    private static final String POWERS_OF_TWO = "ue8m0";

    private static final String WEIGHT = ".weight";
    private static final String SCALE = ".weight_scale";
    private static final String SCALE_INV = ".weight_scale_inv";
    /** Names here by those in the file, which differ by who wrote it. */
    private static final Map<String, String> NAMES = Map.of(SCALE_INV, SCALE, ".activation_scale", ".input_scale");

    @Override
    public List<String> quantMethods() {
        return List.of("fp8");
    }

    @Override
    public Reading read(JsonField config, Checkpoint checkpoint) {
        config.requireOnly(FIELDS);
        config.get(FORMAT).optional().filter(format -> !E4M3.contains(format.string())).ifPresent(format -> {
            throw format.refuse("e4m3");
        });
        config.get(DEQUANTIZE).optional().filter(JsonField::bool).ifPresent(dequantize -> {
            throw dequantize.refuse("false, for weights are run as they are stored");
        });
        Optional<BlockStructure> block = config.get(BLOCK_SIZE).optional().map(BlockStructure::read);
        QuantizationArgs weights = QuantizationArgs.perTensor(Byte.SIZE, QuantizationType.FLOAT);
        ConfigGroup group = ConfigGroup.of("fp8", List.of(Target.of("Linear")),
                block.map(weights::perBlock).orElse(weights), Optional.of(input(config, weights, block)));
        List<Target> ignore = Stream.of(IGNORED, SkippedModules.FIELD)
                .flatMap(field -> SkippedModules.read(config, field).stream()).toList();
        return Reading.of(QuantizationConfig.of(List.of(group), CompressionFormat.FLOAT_QUANTIZED, ignore,
                config.get(CACHE).optional().map(cache -> cache(cache, weights))), checkpoint,
                tensor -> List.of(seenAs(checkpoint, tensor, block.isPresent())));
    }

    private static QuantizationArgs input(JsonField config, QuantizationArgs perTensor,
            Optional<BlockStructure> block) {
        JsonField scheme = config.get(ACTIVATION_SCHEME);
        String name = scheme.optional().map(JsonField::string).orElse(DYNAMIC);
        if (!name.equals(DYNAMIC) && (!name.equals(STATIC) || block.isPresent())) {
            throw scheme.refuse(block.isPresent() ? "dynamic, as weights have a " + BLOCK_SIZE : "static or dynamic");
        }
        boolean powersOfTwo = isPowersOfTwo(config.get(SCALE_FORMAT), block.isPresent());
        if (name.equals(STATIC)) {
            return perTensor;
        }
        QuantizationArgs input = block
                .map(tile -> perTensor.perGroup(tile.columns()).withDynamic(DynamicType.DYNAMIC))
                .orElseGet(perTensor::perToken);
        return powersOfTwo ? input.withScaleDtype(TorchDType.FLOAT8_E8M0FNU) : input;
    }

    private static boolean isPowersOfTwo(JsonField scaleFormat, boolean hasBlocks) {
        scaleFormat.optional().filter(format -> !format.string().equals(POWERS_OF_TWO) || !hasBlocks)
                .ifPresent(format -> {
                    throw format.refuse(hasBlocks ? POWERS_OF_TWO : "none, as weights have no " + BLOCK_SIZE);
                });
        return scaleFormat.isPresent();
    }

    private static QuantizationArgs cache(JsonField field, QuantizationArgs perTensor) {
        if (!field.string().equals(STATIC)) {
            throw field.refuse(STATIC);
        }
        return perTensor;
    }

    private static Tensor seenAs(Checkpoint checkpoint, Tensor tensor, boolean hasBlocks) {
        String module = tensor.name().substring(0, Math.max(0, tensor.name().lastIndexOf('.')));
        String kind = tensor.name().substring(module.length());
        if (kind.equals(WEIGHT) && tensor.dtype() == DType.F8_E4M3 && checkpoint.find(module + SCALE).isEmpty()) {
            checkpoint.tensor(module + (hasBlocks ? SCALE_INV : SCALE));
        }
        Tensor renamed = NAMES.containsKey(kind) ? tensor.named(module + NAMES.get(kind)) : tensor;
        return kind.equals(SCALE_INV) && tensor.dtype() == DType.F8_E8M0 ? Computed.powersOfTwo(renamed) : renamed;
    }
}
