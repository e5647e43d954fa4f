package org.quantado.schemes.quantize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.quantado.kernels.codec.ModelDtype;
import org.quantado.schemes.checkpoint.CheckpointException;
import org.quantado.schemes.checkpoint.DType;
import org.quantado.schemes.checkpoint.SafetensorsFile;
import org.quantado.schemes.checkpoint.SafetensorsLayout;
import org.quantado.schemes.checkpoint.SafetensorsWriter;
import org.quantado.schemes.checkpoint.Shape;
import org.quantado.schemes.config.ConfigGroup;
import org.quantado.schemes.config.Target;

/** Scales of MX weights in models of f16, for every largest magnitude that a block can have. */
class F16ScalesTest {
    private static final int GROUP = 32;
    /** From here on the rounded magnitude is beyond f16: 1.75 * 2^15. */
    private static final int FIRST_TOO_LARGE = Float.floatToFloat16(0x1.cp15f);
    /** Below it the rounded magnitude, a power of two, is no normal f16, and compressed-tensors takes the scale 1. */
    private static final float LEAST_WITH_SCALE = 0x1.8p-15f;
    private static final float LEAST_NORMAL = 0x1p-14f;
    private static final int BIAS = 127;

    @TempDir
    private Path folder;

    @ParameterizedTest
    @CsvSource({"MXFP4A16, 2", "MXFP8A16, 8"})
    void everyMagnitude(String preset, int largestExponent) throws IOException {
        short[] weights = new short[FIRST_TOO_LARGE * GROUP];
        for (int code = 0; code < FIRST_TOO_LARGE; code++) {
            weights[code * GROUP + code % GROUP] = (short) code;
        }
        byte[] scales = scales(weights, preset);
        for (int code = 0; code < FIRST_TOO_LARGE; code++) {
            assertThat(Byte.toUnsignedInt(scales[code])).as("amax of bits %d", code)
                    .isEqualTo(scale(Float.float16ToFloat((short) code), largestExponent));
        }
    }

    /**
     * The byte for a largest magnitude.
     *
     * <p>Source: compressed-tensors, {@code generate_mx_scales}, evaluated in f16.
     */
    private static int scale(float amax, int largestExponent) {
        if (amax < LEAST_WITH_SCALE) {
            return BIAS;
        }
        float normal = Math.max(amax, LEAST_NORMAL);
        int exponent = Math.getExponent(normal);
        boolean roundedUp = normal >= Math.scalb(1.75f, exponent);
        return exponent + (roundedUp ? 1 : 0) - largestExponent + BIAS;
    }

    @Test
    void magnitudesWithoutAScaleAreRefused() {
        short[] weights = new short[GROUP];
        weights[3] = (short) FIRST_TOO_LARGE;
        assertThatThrownBy(() -> scales(weights, "MXFP4A16")).isInstanceOf(CheckpointException.class)
                .hasMessageContaining("too large for a scale");
    }

    private byte[] scales(short[] weights, String presetName) throws IOException {
        Path path = folder.resolve("weights.safetensors");
        try (SafetensorsWriter writer = SafetensorsWriter.create(path,
                new SafetensorsLayout().tensor("w", DType.F16, Shape.of(weights.length / GROUP, GROUP)))) {
            writer.write("w", MemorySegment.ofArray(weights));
            writer.commit();
        }
        ConfigGroup group = Preset.named(presetName).group("group_0", List.of(Target.of("Linear")));
        try (SafetensorsFile file = SafetensorsFile.open(path); Arena arena = Arena.ofShared()) {
            WeightRows rounded = WeightRows.of(file.tensor("w"));
            return new WeightRounding(WeightScheme.of(group), ModelDtype.F16, 0, Observer.MINMAX)
                    .toNearest(rounded, GROUP).write("w", group.name(), rounded, arena).tensors()
                    .get(WeightScheme.SCALE).toArray(ValueLayout.JAVA_BYTE);
        }
    }
}
