package org.quantado.schemes.dialect;

import java.util.List;
import java.util.Locale;
import java.util.Set;

import org.quantado.schemes.checkpoint.Checkpoint;
import org.quantado.schemes.config.JsonField;
import org.quantado.schemes.config.ModelConfig;

/**
 * AWQ as AutoAWQ writes it for its GEMM kernel: 4-bit integers with a scale and a zero point for each group.
 *
 * <p>Source: AutoAWQ, {@code WQLinear_GEMM}; vLLM, {@code AWQConfig}.
 */
final class Awq implements Dialect {
    private static final String VERSION = "version";
    private static final String ZERO_POINT = "zero_point";
    /** The last ones say with which kernels the codes are run. */
    private static final Set<String> FIELDS = Set.of(ModelConfig.QUANT_METHOD, VERSION, ZERO_POINT, IntegerFormat.BITS,
            IntegerFormat.GROUP_SIZE, SkippedModules.FIELD, "backend", "do_fuse", "fuse_max_seq_len", "modules_to_fuse",
            "exllama_config");

    @Override
    public List<String> quantMethods() {
        return List.of("awq");
    }

    @Override
    public Reading read(JsonField config, Checkpoint checkpoint) {
        config.requireOnly(FIELDS);
        config.get(VERSION).optional().filter(version -> !version.string().toLowerCase(Locale.ROOT).equals("gemm"))
                .ifPresent(version -> {
                    throw version.refuse("gemm");
                });
        config.get(ZERO_POINT).optional().filter(zeroPoint -> !zeroPoint.bool()).ifPresent(zeroPoint -> {
            throw zeroPoint.refuse("true");
        });
        AwqPacking packing = new AwqPacking();
        IntegerFormat format = packing.requireBits(config, IntegerFormat.read(config).withZeroPoints());
        return new IntegerLayers(checkpoint, packing, format, new LayerFormats(format))
                .reading(SkippedModules.anywhere(config, SkippedModules.FIELD));
    }
}
