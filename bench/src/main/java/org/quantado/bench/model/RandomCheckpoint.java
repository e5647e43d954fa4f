package org.quantado.bench.model;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.SplittableRandom;
import org.quantado.bench.model.ModelShape.Matrix;
import org.quantado.kernels.codec.ModelDtype;
import org.quantado.schemes.checkpoint.DType;
import org.quantado.schemes.checkpoint.SafetensorsLayout;
import org.quantado.schemes.checkpoint.SafetensorsWriter;
import org.quantado.schemes.checkpoint.Shape;
import org.quantado.schemes.config.CompressionFormat;
import org.quantado.schemes.config.ConfigGroup;
import org.quantado.schemes.config.QuantizationConfig;
import org.quantado.schemes.config.QuantizationStatus;
import org.quantado.schemes.config.Target;
import org.quantado.schemes.linear.LinearScheme;
import org.quantado.schemes.linear.LinearSchemes;
import org.quantado.schemes.linear.LinearSpec;
import org.quantado.schemes.linear.LinearSpec.Partition;
import org.quantado.schemes.linear.ParameterSpec;
import org.quantado.schemes.linear.TensorParallel;
import org.quantado.schemes.quantize.Preset;
import org.quantado.schemes.select.LayerClass;
import org.quantado.schemes.select.SchemeSelector;
import org.quantado.schemes.select.Selection;

/**
 * Writes a checkpoint of random codes, with scales such that states stay small: what it says is of no use, what it takes is
 * what a real one takes.
 */
final class RandomCheckpoint {
    private static final ValueLayout.OfLong WORD = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    /** Of eight codes of E4M3, or bf16 numbers below 2 in magnitude: no bit that could make a NaN. */
    private static final long WITHOUT_NAN = 0xBEBEBEBEBEBEBEBEL;
    /** bf16 numbers of magnitude 2^-7 to 2^-5: sign, lower bits of exponent, mantissa; the rest of the exponent. */
    private static final long SMALL_BF16_BITS = 0x80FF80FF80FF80FFL;
    private static final long SMALL_BF16_EXPONENT = 0x3C003C003C003C00L;
    private static final short SCALE_BF16 = 0x3A80; // 2^-10
    private static final byte SCALE_E8M0 = 117; // 2^-10
    private static final byte SCALE_E4M3 = 0x38; // 1
    private static final float GLOBAL_SCALE = 1024;
    private static final short ONE_BF16 = 0x3F80;

    private final ModelShape shape;
    private final QuantizationConfig quantization;
    private final LinearScheme scheme;
    private final SafetensorsLayout layout = new SafetensorsLayout();
    private final List<Filling> fillings = new ArrayList<>();
    private final SplittableRandom random = new SplittableRandom(9);

    /** Writes the elements of a tensor. */
    private interface Filler {
        void fill(MemorySegment bytes);
    }

    private record Filling(String name, long bytes, Filler filler) {
    }

    private RandomCheckpoint(ModelShape shape, Preset preset) {
        this.shape = shape;
        ConfigGroup group = preset.group("group_0", List.of(Target.of("Linear")));
        CompressionFormat format = group.format().orElseGet(
                () -> CompressionFormat.of(group.weights().orElseThrow(), group.inputActivations()));
        this.quantization = new QuantizationConfig(List.of(group), Optional.of(format),
                List.of(Target.of(ModelShape.HEAD), Target.of("re:.*mlp.gate$")), Optional.empty(),
                QuantizationStatus.COMPRESSED, OptionalDouble.empty(), Optional.empty(), List.of());
        this.scheme = scheme();
    }

    /**
     * Writes one.
     *
     * @param folder that exists and is empty
     */
    static void write(Path folder, ModelShape shape, Preset preset) throws IOException {
        new RandomCheckpoint(shape, preset).write(folder);
    }

    private LinearScheme scheme() {
        Selection selection = SchemeSelector.of(quantization).select(shape.quantized().getFirst().module(),
                LayerClass.LINEAR);
        if (selection instanceof Selection.Selected selected) {
            return LinearSchemes.of(selected, ModelDtype.BF16);
        }
        throw new IllegalStateException(selection.toString());
    }

    private void write(Path folder) throws IOException {
        shape.quantized().forEach(this::addQuantized);
        shape.unquantized()
                .forEach(matrix -> add(matrix.module() + ".weight", DType.BF16,
                        Shape.of(matrix.outputs(), matrix.inputs()),
                        bytes -> fillWords(bytes, SMALL_BF16_BITS, SMALL_BF16_EXPONENT)));
        shape.norms().forEach(norm -> add(norm.module() + ".weight", DType.BF16, Shape.of(norm.inputs()),
                bytes -> fill(bytes, ONE_BF16)));
        ObjectNode config = shape.config();
        config.set("quantization_config", quantization.toJson());
        Files.writeString(folder.resolve("config.json"), config.toPrettyString());
        try (SafetensorsWriter writer = SafetensorsWriter.create(folder.resolve("model.safetensors"), layout)) {
            for (Filling filling : fillings) {
                try (Arena arena = Arena.ofConfined()) {
                    MemorySegment bytes = arena.allocate(filling.bytes(), Long.BYTES);
                    filling.filler().fill(bytes);
                    writer.write(filling.name(), bytes);
                }
            }
            writer.commit();
        }
    }

    private void add(String name, DType dtype, Shape size, Filler filler) {
        layout.tensor(name, dtype, size);
        fillings.add(new Filling(name, dtype.byteSize(size.elements()), filler));
    }

    private void addQuantized(Matrix matrix) {
        LinearSpec spec = new LinearSpec(matrix.module(), matrix.inputs(),
                List.of(new Partition(matrix.module(), matrix.outputs())), ModelDtype.BF16, TensorParallel.WHOLE);
        Map<String, ParameterSpec> firstOfEachName = new LinkedHashMap<>();
        scheme.createWeights(spec).parameters().stream().filter(ParameterSpec::required)
                .forEach(parameter -> firstOfEachName.putIfAbsent(parameter.name(), parameter));
        firstOfEachName.values()
                .forEach(parameter -> add(matrix.module() + "." + parameter.name(), dtype(parameter),
                        parameter.shape(matrix.outputs(), matrix.inputs()), filler(parameter, matrix)));
    }

    private static DType dtype(ParameterSpec parameter) {
        return parameter.dtypes().contains(DType.BF16) ? DType.BF16 : parameter.dtypes().getFirst();
    }

    private Filler filler(ParameterSpec parameter, Matrix matrix) {
        DType dtype = dtype(parameter);
        return switch (parameter.name()) {
            case "weight_packed", "weight" -> bytes -> fillWords(bytes, dtype == DType.F8_E4M3 ? WITHOUT_NAN : -1L, 0);
            case "weight_shape" -> bytes -> {
                bytes.set(WORD, 0, matrix.outputs());
                bytes.set(WORD, Long.BYTES, matrix.inputs());
            };
            case "weight_global_scale" -> bytes -> bytes.set(ValueLayout.JAVA_FLOAT, 0, GLOBAL_SCALE);
            case "weight_scale" -> scaleFiller(dtype);
            default -> throw new IllegalArgumentException(parameter.name() + ": no random values are known for it");
        };
    }

    private static Filler scaleFiller(DType dtype) {
        return switch (dtype) {
            case BF16 -> bytes -> fill(bytes, SCALE_BF16);
            case U8 -> bytes -> bytes.fill(SCALE_E8M0);
            case F8_E4M3 -> bytes -> bytes.fill(SCALE_E4M3);
            default ->
                throw new IllegalArgumentException("scales of " + dtype + ": no random values are known for them");
        };
    }

    private static void fill(MemorySegment bytes, short value) {
        for (long at = 0; at < bytes.byteSize(); at += Short.BYTES) {
            bytes.set(ValueLayout.JAVA_SHORT, at, value);
        }
    }

    /** Fills whole words with random bits. */
    private void fillWords(MemorySegment bytes, long kept, long added) {
        for (long at = 0; at + Long.BYTES <= bytes.byteSize(); at += Long.BYTES) {
            bytes.set(WORD, at, (random.nextLong() & kept) | added);
        }
    }
}
