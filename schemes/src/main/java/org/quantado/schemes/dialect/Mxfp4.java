package org.quantado.schemes.dialect;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.quantado.schemes.checkpoint.Checkpoint;
import org.quantado.schemes.checkpoint.CheckpointException;
import org.quantado.schemes.checkpoint.DType;
import org.quantado.schemes.checkpoint.Shape;
import org.quantado.schemes.checkpoint.Tensor;
import org.quantado.schemes.config.CompressionFormat;
import org.quantado.schemes.config.ConfigGroup;
import org.quantado.schemes.config.JsonField;
import org.quantado.schemes.config.ModelConfig;
import org.quantado.schemes.config.QuantizationArgs;
import org.quantado.schemes.config.QuantizationConfig;
import org.quantado.schemes.config.QuantizationType;
import org.quantado.schemes.config.Target;
import org.quantado.schemes.config.TorchDType;

/**
 * OpenAI's checkpoints of gpt-oss: experts in MXFP4 that are stacked in one tensor for each of their matrices, all else
 * unquantized.
 *
 * <p>{@code gate_up_proj_blocks} U8 {@code [E, 2I, H/32, 16]} has the rows of gates and ups in turn,
 * {@code down_proj_blocks} is {@code [E, H, I/32, 16]}; {@code _scales} have a byte in place of the 16, {@code _bias} one
 * element for each row. Codes and scales are those of {@code mxfp4-pack-quantized}, and are not copied.
 *
 * <p>Source: transformers, {@code Mxfp4GptOssExperts} and {@code convert_moe_packed_tensors}.
 */
final class Mxfp4 implements Dialect {
    private static final String QUANT_METHOD = "mxfp4";
    /** The one family whose stacked experts it is known for. */
    private static final String MODEL_TYPE = "gpt_oss";
    private static final Set<String> FIELDS = Set.of(ModelConfig.QUANT_METHOD, SkippedModules.FIELD);
    private static final Target EXPERTS = Target.of("re:.*\\.experts\\.\\d+\\.(gate|up|down)_proj$");
    private static final int BITS = 4;
    private static final int GROUP = 32;
    private static final int BYTES_OF_GROUP = GROUP * BITS / Byte.SIZE;

    private static final Pattern STACKED = Pattern
            .compile("(?<experts>.+\\.experts\\.)(?<matrix>gate_up_proj|down_proj)(?<kind>_blocks|_scales|_bias)");
    private static final String BLOCKS = "_blocks";
    private static final int RANK_OF_BLOCKS = 4;
    private static final Map<String, String> NAME_OF_KIND = Map.of(BLOCKS, ".weight_packed", "_scales", ".weight_scale",
            "_bias", ".bias");

    @Override
    public List<String> quantMethods() {
        return List.of(QUANT_METHOD);
    }

    @Override
    public Reading read(JsonField config, Checkpoint checkpoint) {
        config.requireOnly(FIELDS);
        QuantizationArgs weights = QuantizationArgs.perTensor(BITS, QuantizationType.FLOAT).perGroup(GROUP)
                .withScaleDtype(TorchDType.UINT8);
        ConfigGroup experts = ConfigGroup.of(QUANT_METHOD, List.of(EXPERTS), weights, Optional.empty());
        return new Reading(QuantizationConfig.of(List.of(experts), CompressionFormat.MXFP4_PACK_QUANTIZED,
                SkippedModules.read(config, SkippedModules.FIELD), Optional.empty()),
                model -> tensors(checkpoint, model));
    }

    private static Checkpoint tensors(Checkpoint checkpoint, ModelConfig config) {
        if (!config.modelType().equals(Optional.of(MODEL_TYPE))) {
            throw new CheckpointException(checkpoint.configFile().orElse(checkpoint.path()), "model_type",
                    config.modelType().map(CheckpointException::quote).orElse("nothing"),
                    MODEL_TYPE + ", the one whose layout in quant_method " + QUANT_METHOD + " is known");
        }
        return checkpoint.seenAs(tensor -> seenAs(checkpoint, tensor));
    }

    /** Biases that lie beside unquantized experts are not touched. */
    private static List<Tensor> seenAs(Checkpoint checkpoint, Tensor tensor) {
        Matcher name = STACKED.matcher(tensor.name());
        return name.matches()
                ? checkpoint.find(name.group("experts") + name.group("matrix") + BLOCKS)
                        .map(blocks -> ofExperts(tensor, blocks.requireDType(DType.U8), name)).orElse(List.of(tensor))
                : List.of(tensor);
    }

    private static List<Tensor> ofExperts(Tensor tensor, Tensor blocks, Matcher name) {
        boolean isDown = name.group("matrix").equals("down_proj");
        requireShapes(tensor, blocks, name.group("kind"), isDown);
        List<Tensor> seen = new ArrayList<>();
        for (int expert = 0; expert < blocks.shape().dimension(0); expert++) {
            Tensor part = tensor.part(expert);
            Tensor rows = part.shape().rank() > 1 ? part.asMatrix() : part;
            String module = name.group("experts") + expert + ".";
            String kind = NAME_OF_KIND.get(name.group("kind"));
            if (isDown) {
                seen.add(rows.named(module + "down_proj" + kind));
            } else {
                seen.add(rows.everyRow(0, 2).named(module + "gate_proj" + kind));
                seen.add(rows.everyRow(1, 2).named(module + "up_proj" + kind));
            }
        }
        return seen;
    }

    private static void requireShapes(Tensor tensor, Tensor blocks, String kind, boolean isDown) {
        Shape shape = blocks.shape();
        boolean fits = shape.rank() == RANK_OF_BLOCKS && shape.dimension(RANK_OF_BLOCKS - 1) == BYTES_OF_GROUP
                && blocks.elements() > 0 && shape.dimension(0) <= Short.MAX_VALUE
                && (isDown || shape.dimension(1) % 2 == 0);
        if (!fits) {
            throw blocks.error("shape " + shape, isDown
                    ? "[experts, hidden, intermediate / 32, 16]"
                    : "[experts, 2 * intermediate, hidden / 32, 16]");
        }
        switch (kind) {
            case BLOCKS -> {
            }
            case "_scales" -> tensor.requireDType(DType.U8).requireShape(shape.dimension(0), shape.dimension(1),
                    shape.dimension(2));
            default -> tensor.requireDType(DType.BF16, DType.F16, DType.F32).requireShape(shape.dimension(0),
                    shape.dimension(1));
        }
    }
}
