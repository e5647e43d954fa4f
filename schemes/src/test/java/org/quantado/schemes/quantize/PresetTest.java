package org.quantado.schemes.quantize;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.quantado.schemes.config.CompressionFormat;
import org.quantado.schemes.config.ConfigGroup;
import org.quantado.schemes.config.QuantizationArgs;
import org.quantado.schemes.config.Target;

/** The presets of compressed-tensors 0.18, {@code quantization/quant_scheme.py}. */
class PresetTest {
    private static final String TABLE = """
            FP8          float 8 tensor             | float 8 tensor static            | float-quantized
            FP8_BLOCK    float 8 block 128x128      | float 8 group 128 dynamic        | float-quantized
            FP8_DYNAMIC  float 8 channel            | float 8 token dynamic            | float-quantized
            INT8         int 8 channel              | int 8 token dynamic              | int-quantized
            MXFP4        float 4 group 32 uint8     | float 4 group 32 uint8 dynamic   | mxfp4-pack-quantized
            MXFP4A16     float 4 group 32 uint8     |                                  | mxfp4-pack-quantized
            MXFP8        float 8 group 32 uint8     | float 8 group 32 uint8 dynamic   | mxfp8-quantized
            MXFP8A16     float 8 group 32 uint8     |                                  | mxfp8-quantized
            NVFP4        float 4 tensor_group 16 float8_e4m3fn | float 4 tensor_group 16 float8_e4m3fn local | nvfp4-pack-quantized
            NVFP4A16     float 4 tensor_group 16 float8_e4m3fn |                       | nvfp4-pack-quantized
            W2A16        int 2 group 128            |                                  | pack-quantized
            W2A4         int 2 group 128            | int 4 token dynamic              | int-quantized
            W2A8         int 2 group 128            | int 8 token dynamic              | int-quantized
            W3A16        int 3 group 128            |                                  | pack-quantized
            W3A4         int 3 group 128            | int 4 token dynamic              | int-quantized
            W3A8         int 3 group 128            | int 8 token dynamic              | int-quantized
            W4A16        int 4 group 128            |                                  | pack-quantized
            W4A16_ASYM   int 4 group 128 asymmetric |                                  | pack-quantized
            W4A16_G32    int 4 group 32             |                                  | pack-quantized
            W4A4         int 4 group 128            | int 4 token dynamic              | int-quantized
            W4A8         int 4 group 128            | int 8 token dynamic              | int-quantized
            W4AFP8       int 4 group 128            | float 8 token dynamic            | int-quantized
            W5A16        int 5 group 128            |                                  | pack-quantized
            W5A8         int 5 group 128            | int 8 token dynamic              | int-quantized
            W6A16        int 6 group 128            |                                  | pack-quantized
            W6A8         int 6 group 128            | int 8 token dynamic              | int-quantized
            W7A16        int 7 group 128            |                                  | pack-quantized
            W7A8         int 7 group 128            | int 8 token dynamic              | int-quantized
            W8A16        int 8 group 128            |                                  | pack-quantized
            W8A8         int 8 channel              | int 8 token dynamic              | int-quantized
            """;

    @Test
    void presetsAreThoseOfThePeer() {
        assertThat(Preset.names().stream().map(PresetTest::describe).collect(Collectors.joining("\n")))
                .isEqualTo(TABLE.strip().replaceAll(" +", " "));
    }

    private static String describe(String name) {
        ConfigGroup group = Preset.named(name).group("group_0", List.of(Target.of("Linear")));
        QuantizationArgs weights = group.weights().orElseThrow();
        assertThat(weights.dynamic().isDynamic()).isFalse();
        assertThat(group.outputActivations()).isEmpty();
        return (name + " " + describe(weights) + " | " + group.inputActivations()
                .map(input -> describe(input) + " " + switch (input.dynamic()) {
                    case STATIC -> "static";
                    case DYNAMIC -> "dynamic";
                    case LOCAL -> "local";
                } + " ").orElse("") + "| "
                + CompressionFormat.of(weights, group.inputActivations()).jsonName());
    }

    private static String describe(QuantizationArgs args) {
        return args.type().jsonName() + " " + args.numBits() + " " + args.strategy().jsonName()
                + (args.groupSize().isPresent() ? " " + args.groupSize().getAsInt() : "")
                + args.blockStructure().map(block -> " " + block.rows() + "x" + block.columns()).orElse("")
                + args.scaleDtype().map(dtype -> " " + dtype.shortName()).orElse("")
                + (args.symmetric() ? "" : " asymmetric");
    }

    @ParameterizedTest
    @CsvSource({"MINMAX, memoryless_minmax, {}", "MSE, memoryless_mse, {norm=2.0}"})
    void observersAreNamedAsByThePeer(Observer observer, String name, String arguments) {
        QuantizationArgs weights = observer.applyTo(
                Preset.named("w4a16").group("group_0", List.of()).weights().orElseThrow());
        assertThat(weights.observer()).isEqualTo(Optional.of(name));
        assertThat(weights.observerKwargs()).hasToString(arguments);
    }
}
